package social.trvl.compat.db;

import java.util.List;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Migrations.Layer;

/**
 * Which layers a migration brings forward, and how far the platform goes.
 *
 * @param layers in order of application
 * @param target the platform's last version, inclusive; null means all
 */
public record MigrationScope(List<Layer> layers, @Nullable String target) {

  /** The engine's tables refer to tables of the platform up to this version. */
  public static final String ENGINE_NEEDS = "20240914_007";

  public static final MigrationScope ALL = new MigrationScope(List.of(Layer.values()), null);

  /**
   * What a user asks for. The platform brings what Supabase supplies, where that is missing; the
   * engine comes alone, and is left out when the target is below {@link #ENGINE_NEEDS}.
   *
   * @param only platform or engine; null means both
   * @param target a version of the platform or the guide's name of its file; null means the last
   * @throws CompatException if the target is unknown, or given for the engine
   */
  public static MigrationScope of(@Nullable Layer only, @Nullable String target) {
    if (only == Layer.ENGINE && target != null) {
      throw new CompatException(
          ExitCode.USAGE,
          "--target %s names a version of the platform, and --only engine leaves the platform as it is. Leave one of the two out."
              .formatted(target));
    }
    @Nullable String version =
        target == null ? null : MigrationFiles.platformFile(target).version();
    List<String> versions = MigrationFiles.versions(Layer.PLATFORM);
    boolean belowEngine =
        version != null && versions.indexOf(version) < versions.indexOf(ENGINE_NEEDS);
    List<Layer> layers =
        only == Layer.ENGINE
            ? List.of(Layer.ENGINE)
            : only == Layer.PLATFORM || belowEngine
                ? List.of(Layer.SUPABASE_SHIM, Layer.PLATFORM)
                : List.of(Layer.values());
    return new MigrationScope(layers, version);
  }
}
