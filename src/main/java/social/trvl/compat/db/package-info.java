/**
 * The database: connections, the embedded server, migrations, their verification and export,
 * backup.
 *
 * <p>Decisions. Two pools, two identities: {@link Database#owner()} works as the login that was
 * given and migrates or imports; {@link Database#engine()} works as the role {@code compat_engine},
 * which reads the engine's inputs and writes its outputs and nothing else, whoever logged in. Three
 * layers of migrations (what Supabase supplies, the platform, the engine), each in its own folder
 * with its own history, so that the engine can be added to a platform database that already exists.
 * A backup is PostgreSQL's own dump of a database on a server, and a copy of the stopped embedded
 * one's folder; it is whole or absent, and so is what is restored from it.
 */
@NullMarked
package social.trvl.compat.db;

import org.jspecify.annotations.NullMarked;
