package social.trvl.compat;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    // The kernel asks its caller whom it may list: candidate answers.
    MAY_USE.put("candidate", Set.of("config", "kernel", "profile"));
    MAY_USE.put("kernel", Set.of());
    MAY_USE.put("model", Set.of("config", "db", "kernel", "profile"));
    MAY_USE.put("model.training", Set.of("config", "db", "model", "profile"));
    MAY_USE.put("score", Set.of("candidate", "config", "kernel", "model", "profile"));
    // A slice needs user ids and the quarantine its people.
    // Rolling back returns to a model and its scores in one transaction.
    MAY_USE.put("publish", Set.of("config", "db", "model", "profile", "score"));
    MAY_USE.put(
        "report", Set.of("config", "db", "model", "model.training", "profile", "publish", "score"));
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
    // Drives what it measures.
    MAY_USE.put(
        "bench",
        Set.of(
            "config",
            "db",
            "intake",
            "job",
            "kernel",
            "model",
            "model.training",
            "profile",
            "publish",
            "score"));
    MAY_USE.put("web", Set.of("config", "job", "model", "publish", "report"));
    // Prints what the jobs return.
    MAY_USE.put(
        "cli",
        Set.of(
            "bench",
            "config",
            "db",
            "intake",
            "job",
            "model",
            "model.training",
            "profile",
            "report",
            "score",
            "web"));
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
              Set.of("db", "profile", "model", "model.training", "publish", "report")));

  static {
    // Names decide here: reading every library's classes would only cost time.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
  }

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
    Map<String, String> fields = new TreeMap<>();
    for (String user : MAY_USE.keySet()) {
      fields.put(full(user) + ".Used", "");
      for (String used : MAY_USE.keySet()) {
        if (!user.equals(used)) {
          fields.put(full(user) + ".UserOf" + identifier(used), full(used) + ".Used");
        }
      }
      fields.put(full(user) + ".UserOfGenerated", ROOT + ".jooq.public_.tables.Profiles");
    }
    JavaClasses fixture = fixture(fields);
    for (String user : MAY_USE.keySet()) {
      Set<String> expected = new TreeSet<>();
      for (String used : MAY_USE.keySet()) {
        if (!used.equals(user) && !MAY_USE.getOrDefault(user, Set.of()).contains(used)) {
          expected.add(full(user) + ".UserOf" + identifier(used));
        }
      }
      if (!HOMES.getOrDefault("org.jooq", Set.of()).contains(user)) {
        expected.add(full(user) + ".UserOfGenerated");
      }
      assertThat(offenders(uses(user), fixture)).as("(%s)", user).isEqualTo(expected);
    }
  }

  @Test
  void libraryRule_failsOutsideEachHome() throws IOException {
    Map<String, String> fields = new TreeMap<>();
    for (String user : MAY_USE.keySet()) {
      for (String library : HOMES.keySet()) {
        fields.put(full(user) + ".UserOf" + identifier(library), library + ".some.Type");
      }
    }
    JavaClasses fixture = fixture(fields);
    for (String library : HOMES.keySet()) {
      Set<String> expected = new TreeSet<>();
      for (String user : MAY_USE.keySet()) {
        if (!HOMES.getOrDefault(library, Set.of()).contains(user)) {
          expected.add(full(user) + ".UserOf" + identifier(library));
        }
      }
      assertThat(offenders(home(library), fixture)).as(library).isEqualTo(expected);
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

  private static String identifier(String name) {
    return "_" + name.replace('.', '_');
  }

  /** The fixture's classes that break the rule. */
  private static Set<String> offenders(ArchRule rule, JavaClasses fixture) {
    Set<String> offenders = new TreeSet<>();
    Pattern field = Pattern.compile("Field <([^>]+)\\.used>");
    for (String message : rule.evaluate(fixture).getFailureReport().getDetails()) {
      Matcher matcher = field.matcher(message);
      assertThat(matcher.find()).as(message).isTrue();
      offenders.add(matcher.group(1));
    }
    return offenders;
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
