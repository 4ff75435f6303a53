package social.trvl.compat.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the ranker, once for each virtual machine.
 *
 * @param ranker does the work
 * @param reason what it is, and for the scalar one why
 */
record RankerChoice(Ranker ranker, String reason) {

  /** System property that overrides the choice. */
  static final String PROPERTY = "compat.kernel";

  private static final String SCALAR = "scalar";
  private static final List<String> ALLOWED = List.of(SCALAR, "128", "256", "512");
  private static final String MODULE = "jdk.incubator.vector";

  /**
   * The ranker asked for, or else the widest that this machine runs.
   *
   * @param override value of the property, null where it is not set
   * @throws IllegalArgumentException if the override is unknown, or asks for vectors where the
   *     module is missing
   */
  static RankerChoice of(@Nullable String override) {
    if (override == null) {
      return best();
    }
    if (!ALLOWED.contains(override)) {
      throw new IllegalArgumentException(
          "%s (%s) is not one of %s".formatted(PROPERTY, override, String.join(", ", ALLOWED)));
    }
    if (override.equals(SCALAR)) {
      return scalar("asked for by " + PROPERTY);
    }
    if (!loadModule()) {
      throw new IllegalArgumentException(
          "%s asks for vectors of %s bits, but %s".formatted(PROPERTY, override, MISSING));
    }
    return vectors(Integer.parseInt(override));
  }

  private static final String MISSING =
      "module %s is not there; start java with --add-modules %s".formatted(MODULE, MODULE);

  private static RankerChoice best() {
    if (System.getProperty("java.vm.info", "").contains("emulated-client")) {
      // Short commands are started so on purpose: nothing to warn of.
      return scalar("the quick compiler alone makes no vector code");
    }
    if (!loadModule()) {
      return warned(MISSING);
    }
    int bits = VectorRanker.widestBits();
    return bits < VectorRanker.LEAST_BITS
        ? warned("this processor's vectors have %d bits".formatted(bits))
        : vectors(bits);
  }

  /**
   * Loads the module as the JDK loads its own agents, unless it was asked for on the command line.
   *
   * <p>Because a virtual machine that starts with an incubator module makes no use of linked
   * classes and ready lambdas from its AOT cache (JDK 25, {@code ModuleBootstrap}, step 8), and a
   * nightly run then takes half a second and a tenth of Java's processor time more. The jar's
   * manifest exports the package.
   *
   * @return whether it is there
   */
  private static boolean loadModule() {
    if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
      return true;
    }
    try {
      Class.forName("jdk.internal.module.Modules")
          .getMethod("loadModule", String.class)
          .invoke(null, MODULE);
      return true;
    } catch (ReflectiveOperationException e) {
      System.getLogger(PairKernel.class.getName())
          .log(System.Logger.Level.DEBUG, "Loading " + MODULE, e);
      return false;
    }
  }

  private static RankerChoice vectors(int bits) {
    return new RankerChoice(new VectorRanker(bits), "vectors of %d bits".formatted(bits));
  }

  private static RankerChoice scalar(String reason) {
    return new RankerChoice(new ScalarRanker(), "scalar: " + reason);
  }

  private static RankerChoice warned(String reason) {
    System.getLogger(PairKernel.class.getName())
        .log(System.Logger.Level.WARNING, "Pairs are scored without vectors, slowly: {0}", reason);
    return scalar(reason);
  }
}
