package social.trvl.compat;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which package may use which. Every rule is also held against classes that break it, made for the
 * test (a name and one field): a rule that can't fail holds nothing.
 */
class ArchitectureTest {

  private static final String ROOT = "social.trvl.compat";

  /**
   * What each package may use of this project. {@code config} is free to all but the kernel, and
   * the generated types belong to {@code db}.
   */
  private static final Map<String, Set<String>> MAY_USE = new TreeMap<>();

  static {
    MAY_USE.put("", Set.of("cli"));
    MAY_USE.put("config", Set.of());
    MAY_USE.put("db", Set.of("config"));
    MAY_USE.put("intake", Set.of("config", "db"));
    MAY_USE.put("profile", Set.of("config", "db"));
    MAY_USE.put("candidate", Set.of("config", "profile"));
    MAY_USE.put("kernel", Set.of());
    MAY_USE.put("model", Set.of("config", "db", "kernel", "profile"));
    MAY_USE.put("model.training", Set.of("config", "db", "model", "profile"));
    MAY_USE.put("score", Set.of("candidate", "config", "kernel", "model", "profile"));
    MAY_USE.put("publish", Set.of("config", "db", "score"));
    MAY_USE.put("report", Set.of("config", "db", "model", "profile", "publish", "score"));
    MAY_USE.put(
        "job",
        Set.of(
            "candidate",
            "config",
            "db",
            "kernel",
            "model",
            "model.training",
            "profile",
            "publish",
            "score"));
    MAY_USE.put("web", Set.of("config", "job", "model", "publish", "report"));
    MAY_USE.put("cli", Set.of("config", "db", "intake", "job", "report", "web"));
  }

  /** Libraries that have a home. */
  private static final Map<String, Set<String>> HOMES =
      new TreeMap<>(
          Map.of(
              "jdk.incubator.vector",
              Set.of("kernel"),
              "smile",
              Set.of("model.training"),
              "org.springframework.batch",
              Set.of("job"),
              "org.jooq",
              Set.of("db", "profile", "model", "publish", "report")));

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @TempDir private Path folder;

  @Test
  void main_isImported() {
    assertThat(MAIN.contain(ROOT + ".Main")).isTrue();
    assertThat(MAIN.contain(ROOT + ".kernel.TopK")).isTrue();
    assertThat(MAIN.contain(ROOT + ".ArchitectureTest")).isFalse();
  }

  @Test
  void packages_allStandInTheTable() {
    Set<String> unknown = new TreeSet<>();
    for (JavaClass type : MAIN) {
      if (!isGenerated(type)) {
        unknown.add(shortName(type.getPackageName()));
      }
    }
    unknown.removeAll(MAY_USE.keySet());
    assertThat(unknown).as("packages whose uses nobody has decided").isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> packages_useOnlyWhatTheTableAllows() {
    return MAY_USE.keySet().stream()
        .map(name -> DynamicTest.dynamicTest("(" + name + ")", () -> uses(name).check(MAIN)));
  }

  @TestFactory
  Stream<DynamicTest> libraries_areUsedAtHomeOnly() {
    return HOMES.keySet().stream()
        .map(library -> DynamicTest.dynamicTest(library, () -> home(library).check(MAIN)));
  }

  @Test
  void kernel_usesTheJdkAlone() {
    kernelUsesTheJdkAlone().check(MAIN);
  }

  @Test
  void packages_haveNoCycles() {
    noCycles().check(MAIN);
  }

  @Test
  void tableRule_failsForEveryUseThatTheTableDoesNotAllow() throws IOException {
    List<String> notCaught = new ArrayList<>();
    List<String> wronglyCaught = new ArrayList<>();
    for (String user : MAY_USE.keySet()) {
      for (String used : MAY_USE.keySet()) {
        if (user.equals(used)) {
          continue;
        }
        JavaClasses fixture =
            fixture(Map.of(full(user) + ".User", full(used) + ".Used", full(used) + ".Used", ""));
        boolean failed = fails(uses(user), fixture);
        if (failed == MAY_USE.get(user).contains(used)) {
          (failed ? wronglyCaught : notCaught).add(user + " -> " + used);
        }
      }
    }
    assertThat(notCaught).isEmpty();
    assertThat(wronglyCaught).isEmpty();
  }

  @Test
  void tableRule_failsForGeneratedTypesWhereJooqMayNotBe() throws IOException {
    String table = ROOT + ".jooq.public_.tables.Profiles";
    for (String user : MAY_USE.keySet()) {
      boolean allowed = HOMES.get("org.jooq").contains(user);
      assertThat(fails(uses(user), fixture(Map.of(full(user) + ".User", table))))
          .as("(%s)", user)
          .isEqualTo(!allowed);
    }
  }

  @Test
  void libraryRule_failsOutsideEachHome() throws IOException {
    for (String library : HOMES.keySet()) {
      for (String user : MAY_USE.keySet()) {
        JavaClasses fixture = fixture(Map.of(full(user) + ".User", library + ".some.Type"));
        assertThat(fails(home(library), fixture))
            .as("%s in (%s)", library, user)
            .isEqualTo(!HOMES.get(library).contains(user));
      }
    }
  }

  @Test
  void kernelRule_failsForAnyLibrary() throws IOException {
    for (String type :
        List.of("org.slf4j.Logger", "tools.jackson.databind.JsonNode", ROOT + ".config.Progress")) {
      assertThat(fails(kernelUsesTheJdkAlone(), fixture(Map.of(full("kernel") + ".User", type))))
          .as(type)
          .isTrue();
    }
    for (String type :
        List.of(
            "java.util.List",
            "jdk.incubator.vector.IntVector",
            "org.jspecify.annotations.Nullable",
            full("kernel") + ".Other")) {
      assertThat(fails(kernelUsesTheJdkAlone(), fixture(Map.of(full("kernel") + ".User", type))))
          .as(type)
          .isFalse();
    }
  }

  @Test
  void cycleRule_failsForACycle() throws IOException {
    JavaClasses cycle =
        fixture(
            Map.of(
                full("score") + ".A", full("publish") + ".B",
                full("publish") + ".B", full("report") + ".C",
                full("report") + ".C", full("score") + ".A"));
    assertThat(fails(noCycles(), cycle)).isTrue();
    JavaClasses chain =
        fixture(
            Map.of(
                full("score") + ".A", full("publish") + ".B",
                full("publish") + ".B", full("report") + ".C",
                full("report") + ".C", ""));
    assertThat(fails(noCycles(), chain)).isFalse();
  }

  private static ArchRule uses(String name) {
    DescribedPredicate<JavaClass> forbidden =
        DescribedPredicate.describe(
            "of this project beyond " + new TreeSet<>(MAY_USE.getOrDefault(name, Set.of())),
            type -> isOurs(type) && !mayUse(name, type));
    return noClasses()
        .that(resideInAPackage(full(name)))
        .should()
        .dependOnClassesThat(forbidden)
        .allowEmptyShould(true);
  }

  private static boolean mayUse(String name, JavaClass type) {
    if (isGenerated(type)) {
      return HOMES.getOrDefault("org.jooq", Set.of()).contains(name);
    }
    String used = shortName(type.getPackageName());
    return used.equals(name) || MAY_USE.getOrDefault(name, Set.of()).contains(used);
  }

  private static ArchRule home(String library) {
    Set<String> homes = HOMES.getOrDefault(library, Set.of());
    return noClasses()
        .that(
            DescribedPredicate.describe(
                "are outside " + homes,
                type ->
                    isOurs(type)
                        && !isGenerated(type)
                        && !homes.contains(shortName(type.getPackageName()))))
        .should()
        .dependOnClassesThat(resideInAPackage(library + ".."))
        .allowEmptyShould(true);
  }

  private static ArchRule kernelUsesTheJdkAlone() {
    return classes()
        .that(resideInAPackage(full("kernel")))
        .should()
        .onlyDependOnClassesThat(
            resideInAPackage(full("kernel"))
                .or(resideInAPackage("java.."))
                .or(resideInAPackage("jdk.incubator.vector.."))
                .or(resideInAPackage("org.jspecify.annotations")))
        .allowEmptyShould(true);
  }

  private static ArchRule noCycles() {
    return slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true);
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().equals(ROOT) || type.getPackageName().startsWith(ROOT + ".");
  }

  private static boolean isGenerated(JavaClass type) {
    return (type.getPackageName() + ".").startsWith(ROOT + ".jooq.");
  }

  private static String shortName(String packageName) {
    return packageName.equals(ROOT) ? "" : packageName.substring(ROOT.length() + 1);
  }

  private static String full(String name) {
    return name.isEmpty() ? ROOT : ROOT + "." + name;
  }

  private static boolean fails(ArchRule rule, JavaClasses fixture) {
    return rule.evaluate(fixture).hasViolation();
  }

  /**
   * Class files of their own, never loaded.
   *
   * @param fields class name → type of its only field, blank for none
   */
  private JavaClasses fixture(Map<String, String> fields) throws IOException {
    Path root = Files.createTempDirectory(folder, "fixture");
    for (Map.Entry<String, String> entry : fields.entrySet()) {
      ClassDesc type = ClassDesc.of(entry.getKey());
      byte[] bytes =
          ClassFile.of()
              .build(
                  type,
                  made -> {
                    if (!entry.getValue().isEmpty()) {
                      made.withField("used", ClassDesc.of(entry.getValue()), 0);
                    }
                  });
      Path file = root.resolve(entry.getKey().replace('.', '/') + ".class");
      Files.createDirectories(root.resolve(type.packageName().replace('.', '/')));
      Files.write(file, bytes);
    }
    return new ClassFileImporter().importPath(root);
  }
}
