package social.trvl.compat.job;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.profile.GroupSnapshot;
import social.trvl.compat.profile.PopulationReader;
import social.trvl.compat.profile.ProfileTable;
import social.trvl.compat.publish.GroupReplacement;
import social.trvl.compat.publish.GroupRequests;
import social.trvl.compat.publish.Runs;
import social.trvl.compat.score.GroupFit;
import social.trvl.compat.score.GroupFit.PersonFit;
import social.trvl.compat.score.GroupScorer;

/**
 * Scores groups now, in the published run: by that run's model version and parameters, with the
 * code that the nightly run uses. A group's rows are replaced in one transaction.
 *
 * <p>The first group has everybody read, which takes a second or more; an instance keeps that for
 * the next ones. The group itself, its active members and whom they must not meet are read each
 * time. So are, once the group is ranked, its members and the winners: if any of them is not as
 * kept, everybody is read again, and ranked again. What a kept reading can miss is a person who has
 * become one of the best candidates since. Whoever keeps an instance for long therefore {@linkplain
 * #keep keeps} a new reading now and then. For one thread.
 */
public final class GroupRescoring {

  /** Everybody, and what scores them. */
  static final class Everybody {
    private final Runs.Run run;
    private final ModelRegistry.Version model;
    private final LocalDate date;
    private final ProfileTable people;
    private final Instant readAt;
    private final GroupScorer scorer;

    private Everybody(
        Runs.Run run, ModelRegistry.Version model, LocalDate date, Database database) {
      this.run = run;
      this.model = model;
      this.date = date;
      var population =
          new PopulationReader(database.engine(), model.model().vocabulary(), date, Progress.SILENT)
              .read();
      people = population.people();
      readAt = population.snapshotAt();
      scorer =
          new GroupScorer(
              population,
              model.model(),
              NightlySettings.Scoring.fromJson(run.parameters()).groups());
    }

    long runId() {
      return run.runId();
    }

    int size() {
      return people.size();
    }
  }

  private final Database database;
  private final Clock clock;
  private @Nullable Everybody kept;

  public GroupRescoring(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Scores the groups that wait for it, and gives up requests for groups that are gone. */
  void rescoreRequested() {
    for (UUID id : new GroupRequests(database).waiting()) {
      try (GroupReplacement group = GroupReplacement.begin(database, id)) {
        if (group.isRequested() && rescore(group).isEmpty()) {
          group.dismiss();
        }
      }
    }
  }

  /**
   * Scores groups again.
   *
   * @return the new fits, in the order of the ids
   * @throws CompatException with NOT_FOUND if nothing is published, or a group is unknown or
   *     inactive; then nothing was written
   */
  public List<GroupFit> rescore(List<UUID> groupIds) {
    everybody();
    requireActive(groupIds);
    List<GroupFit> fits = new ArrayList<>();
    for (UUID id : groupIds) {
      try (GroupReplacement group = GroupReplacement.begin(database, id)) {
        fits.add(rescore(group).orElseThrow(() -> noSuchGroup(id)));
      }
    }
    return fits;
  }

  /**
   * Scores a group again and commits.
   *
   * @return empty, with nothing written, if there is no such active group
   * @throws CompatException with NOT_FOUND if nothing is published
   */
  Optional<GroupFit> rescore(GroupReplacement replacement) {
    Optional<GroupSnapshot> found = read(replacement.connection(), replacement.groupId());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    GroupSnapshot group = found.get();
    Everybody everybody = everybody();
    GroupFit fit = everybody.scorer.score(group);
    if (!agrees(everybody, group, fit)) {
      everybody = readAgain();
      fit = everybody.scorer.score(group);
    }
    while (!replacement.replace(everybody.run.runId(), everybody.model.id(), fit)) {
      // Another run was published meanwhile.
      everybody = readAgain();
      fit = everybody.scorer.score(group);
    }
    return Optional.of(fit);
  }

  /**
   * Reads everybody; for any thread.
   *
   * @throws CompatException with NOT_FOUND if nothing is published
   */
  Everybody read() {
    Runs.Run run = new Runs(database).requirePublished();
    return new Everybody(
        run, new ModelRegistry(database).load(run.modelVersionId()), today(), database);
  }

  /** Keeps a reading for the next groups, unless it is older than the one that is kept. */
  void keep(Everybody read) {
    if (kept == null || kept.readAt.isBefore(read.readAt)) {
      kept = read;
    }
  }

  private Everybody everybody() {
    return kept == null || !kept.date.equals(today()) ? readAgain() : kept;
  }

  private Everybody readAgain() {
    kept = null; // the old one's memory is not needed any more
    Everybody read = read();
    kept = read;
    return read;
  }

  /** Whether members and winners are today as they were when everybody was read. */
  private boolean agrees(Everybody everybody, GroupSnapshot group, GroupFit fit) {
    List<UUID> people =
        Stream.concat(
                group.group().members().stream(), fit.people().stream().map(PersonFit::userId))
            .distinct()
            .toList();
    ProfileTable now =
        new PopulationReader(
                database.engine(),
                everybody.model.model().vocabulary(),
                everybody.date,
                Progress.SILENT)
            .read(people)
            .people();
    return people.stream().allMatch(person -> everybody.people.agreesWith(now, person));
  }

  private void requireActive(List<UUID> groupIds) {
    try (Connection connection = database.engine().getConnection()) {
      for (UUID id : groupIds) {
        if (read(connection, id).isEmpty()) {
          throw noSuchGroup(id);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("looking for groups", e);
    }
  }

  private static Optional<GroupSnapshot> read(Connection connection, UUID groupId) {
    try {
      return GroupSnapshot.read(connection, groupId);
    } catch (SQLException e) {
      throw new IllegalStateException("reading group " + groupId, e);
    }
  }

  private static CompatException noSuchGroup(UUID id) {
    return new CompatException(
        ExitCode.NOT_FOUND, "There is no active group %s. Nothing was rescored.".formatted(id));
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
