/**
 * The database: connections, the embedded server, migrations, their undoing and their verification.
 *
 * <p>Decisions. Two pools, two identities: {@link Database#owner()} works as the login that was
 * given and migrates or imports; {@link Database#engine()} works as the role {@code compat_engine},
 * which reads the engine's inputs and writes its outputs and nothing else, whoever logged in. Three
 * layers of migrations (what Supabase supplies, the platform, the engine), each in its own folder
 * with its own history, so that the engine can be added to a platform database that already exists.
 * Every migration has an undo script that leaves the catalog as it was before; Flyway's free
 * edition runs none, so {@link Rollback} does.
 */
@NullMarked
package social.trvl.compat.db;

import org.jspecify.annotations.NullMarked;
