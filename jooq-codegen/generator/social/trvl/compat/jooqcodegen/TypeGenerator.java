package social.trvl.compat.jooqcodegen;

import java.nio.file.Path;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.ForcedType;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Generator;
import org.jooq.meta.jaxb.Jdbc;
import org.jooq.meta.jaxb.Logging;
import org.jooq.meta.jaxb.SchemaMappingType;
import org.jooq.meta.jaxb.Target;
import social.trvl.compat.db.TestDatabase;

/**
 * Generates jOOQ's types for the tables that the engine touches, from a freshly migrated embedded
 * PostgreSQL.
 *
 * <p>{@code mvn test -Dtest=GeneratedTypesTest -Djooq.regenerate=true} writes them to {@code
 * jooq-codegen/generated}; without that property the same test fails if the committed ones differ.
 */
public final class TypeGenerator {

  /** What the engine reads of the other tables comes by views of schema compat. */
  private static final String PLATFORM_TABLES = "compatibility_model_versions|model_training_data";

  private TypeGenerator() {}

  /** Writes the types below the folder, which must exist. */
  public static void generateInto(Path folder) throws Exception {
    try (social.trvl.compat.db.Database database = TestDatabase.migrated()) {
      GenerationTool.generate(configuration(database.url(), folder));
    }
  }

  private static Configuration configuration(String url, Path folder) {
    return new Configuration()
        .withLogging(Logging.ERROR)
        .withJdbc(new Jdbc().withDriver("org.postgresql.Driver").withUrl(url))
        .withGenerator(
            new Generator()
                .withDatabase(
                    new Database()
                        .withName("org.jooq.meta.postgres.PostgresDatabase")
                        .withSchemata(
                            new SchemaMappingType().withInputSchema("public"),
                            new SchemaMappingType().withInputSchema("compat"))
                        // Of schema compat everything but the partitions of a run, which come and
                        // go.
                        .withIncludes("public\\.(" + PLATFORM_TABLES + ")|compat\\..*")
                        .withExcludes("compat\\..*_r[0-9]+.*")
                        .withIncludeRoutines(false)
                        .withForcedTypes(
                            // Ranges are only taken apart in SQL; jOOQ would need an extension to
                            // hold them.
                            new ForcedType()
                                .withName("VARCHAR")
                                .withIncludeTypes("(?i:int4range|daterange)")))
                .withGenerate(
                    new Generate()
                        .withGeneratedAnnotation(true)
                        .withGeneratedAnnotationDate(false)
                        .withGeneratedAnnotationJooqVersion(false)
                        .withComments(false)
                        .withRelations(false)
                        .withKeys(true)
                        .withRecords(false)
                        .withIndexes(false)
                        .withGlobalCatalogReferences(false)
                        .withGlobalSchemaReferences(true)
                        .withDeprecated(false))
                .withTarget(
                    new Target()
                        .withPackageName("social.trvl.compat.jooq")
                        .withDirectory(folder.toString())
                        .withLocale("en")
                        .withClean(true)));
  }
}
