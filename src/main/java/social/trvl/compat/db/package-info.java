/**
 * The database: connections, the embedded server, migrations, their undoing, verification and
 * export, backup.
 *
 * <p>Decisions. Two pools, two identities: {@link Database#owner()} works as the login that was
 * given and migrates or imports; {@link Database#engine()} works as the role {@code compat_engine},
 * which reads the engine's inputs and writes its outputs and nothing else, whoever logged in. Three
 * layers of migrations (what Supabase supplies, the platform, the engine), each in its own folder
 * with its own history, so that the engine can be added to a platform database that already exists
 * ({@link Adoption}). Every migration has an undo script that leaves the catalog as it was before;
 * Flyway's free edition runs none, so {@link Rollback} does. A backup is PostgreSQL's own dump of a
 * database on a server, and a copy of the stopped embedded one's folder; it is whole or absent, and
 * so is what is restored from it.
 *
 * <p>The engine reads the platform through views of schema {@code compat}, which belong to the
 * migrating login. The tables' policies are the application's: they know no engine, some recurse,
 * some ask tables that the engine has no right to. And the views are where an adopted database's
 * differences end: types are cast, of several rows where no key stands the newest counts, and
 * blocks are collected from wherever the application keeps them.
 */
@NullMarked
package social.trvl.compat.db;

import org.jspecify.annotations.NullMarked;
