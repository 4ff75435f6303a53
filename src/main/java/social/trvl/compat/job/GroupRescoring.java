package social.trvl.compat.job;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.config.NightlySettings;
import social.trvl.compat.config.Progress;
import social.trvl.compat.db.Database;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.profile.Population;
import social.trvl.compat.profile.PopulationReader;
import social.trvl.compat.profile.TravelGroup;
import social.trvl.compat.publish.GroupTable;
import social.trvl.compat.publish.Publication;
import social.trvl.compat.publish.Runs;
import social.trvl.compat.score.GroupFit;
import social.trvl.compat.score.GroupScorer;

/**
 * Scores groups now, in the published run: by that run's model version and parameters, over people
 * as they are today, with the code that the nightly run uses. A group's rows are replaced in one
 * transaction.
 */
public final class GroupRescoring {

  private final Database database;
  private final Clock clock;

  public GroupRescoring(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Scores the groups that wait for it; only active ones can be asked for. */
  void rescoreRequested() {
    List<UUID> requested = new Publication(database).requestedGroups();
    if (!requested.isEmpty()) {
      rescore(requested);
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
    Runs.Run published = new Runs(database).requirePublished();
    ModelRegistry.Version model = new ModelRegistry(database).load(published.modelVersionId());
    NightlySettings.Scoring scoring = NightlySettings.Scoring.fromJson(published.parameters());
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    Population population =
        new PopulationReader(database.engine(), model.model().vocabulary(), today, Progress.SILENT)
            .read();
    Map<UUID, TravelGroup> groups =
        population.groups().stream()
            .collect(Collectors.toMap(TravelGroup::groupId, Function.identity()));
    List<TravelGroup> wanted = new ArrayList<>();
    for (UUID id : groupIds) {
      TravelGroup group = groups.get(id);
      if (group == null) {
        throw new CompatException(
            ExitCode.NOT_FOUND, "There is no active group %s. Nothing was rescored.".formatted(id));
      }
      wanted.add(group);
    }
    GroupScorer scorer = new GroupScorer(population, model.model(), scoring.groups());
    GroupTable table = new GroupTable(published.runId(), model.id());
    List<GroupFit> fits = new ArrayList<>();
    for (TravelGroup group : wanted) {
      GroupFit fit = scorer.score(group);
      // By the database's clock, like the snapshots of runs: whether a run is older is asked of
      // both.
      if (!table.replace(database, fit, population.snapshotAt())) {
        // A run was published meanwhile; groups already replaced are asked for again by that.
        return rescore(groupIds);
      }
      fits.add(fit);
    }
    return fits;
  }
}
