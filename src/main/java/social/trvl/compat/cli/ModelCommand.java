package social.trvl.compat.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import social.trvl.compat.config.CompatException;
import social.trvl.compat.config.ExitCode;
import social.trvl.compat.db.Database;
import social.trvl.compat.job.ModelRollback;
import social.trvl.compat.model.Artefact;
import social.trvl.compat.model.ModelRegistry;
import social.trvl.compat.model.ModelRegistry.Entry;
import social.trvl.compat.model.PairModel;
import social.trvl.compat.model.training.HeldOutTrial;
import social.trvl.compat.model.training.PromotionGate;
import social.trvl.compat.model.training.Report;
import social.trvl.compat.report.ModelCard;
import social.trvl.compat.report.ModelReport;
import social.trvl.compat.report.RunReport;
import social.trvl.compat.report.RunReport.Summary;

/** {@code compat model}: trained, registered, compared, promoted, rolled back. */
@Command(
    name = "model",
    description = "Trains, compares, promotes and rolls back models.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ModelTrainCommand.class,
      ModelCommand.ListOf.class,
      ModelCommand.Show.class,
      ModelCommand.Compare.class,
      ModelCommand.Export.class,
      ModelCommand.Import.class,
      ModelCommand.Verify.class,
      ModelCommand.Promote.class,
      ModelCommand.Shadow.class,
      ModelCommand.Reject.class,
      ModelCommand.Rollback.class,
      ModelCommand.Card.class
    })
final class ModelCommand {

  private static final String VERSION =
      "Its id, or its name and version in quotes, see 'compat model list'.";

  private static final int LARGEST_FILE_BYTES = 16 << 20;

  /** Opens the database, does its part, prints. */
  abstract static class InDatabase implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DatabaseOptions options;

    @Option(names = "--json", description = "Prints JSON.")
    boolean json;

    @Override
    public final Integer call() {
      try (Database database = options.openCurrent()) {
        return run(database, new Output(spec)).number();
      }
    }

    abstract ExitCode run(Database database, Output out);
  }

  @Command(
      name = "list",
      description = "Lists versions, newest first.",
      mixinStandardHelpOptions = true)
  static final class ListOf extends InDatabase {
    @Override
    ExitCode run(Database database, Output out) {
      List<ModelReport.Summary> all = new ModelReport(database).all();
      if (json) {
        out.json(all);
      } else {
        ModelText.table(out, all);
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "show",
      description = "Tells what is known of a version.",
      mixinStandardHelpOptions = true)
  static final class Show extends InDatabase {
    @Parameters(paramLabel = "VERSION", description = VERSION)
    private String version;

    @Override
    ExitCode run(Database database, Output out) {
      ModelReport.Detail detail = new ModelReport(database).find(version);
      if (json) {
        out.json(detail);
      } else {
        ModelText.print(out, detail);
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "card",
      description = "The model on a page: what its score means, how well it did, what it looks at.",
      mixinStandardHelpOptions = true)
  static final class Card extends InDatabase {
    @Parameters(paramLabel = "VERSION", description = VERSION)
    private String version;

    @Option(
        names = "--html",
        paramLabel = "FILE",
        description = "Writes it as a page with pictures, in one file.")
    private @Nullable Path file;

    @Override
    ExitCode run(Database database, Output out) {
      ModelReport.Detail detail = new ModelReport(database).find(version);
      PairModel model = new ModelRegistry(database).load(detail.summary().id()).model();
      if (file != null) {
        try {
          Files.writeString(file, ModelCard.html(detail, model));
        } catch (IOException e) {
          throw new CompatException(
              ExitCode.STORAGE, "%s can't be written: %s".formatted(file, e), e);
        }
      }
      if (json) {
        out.json(detail);
      } else if (file != null) {
        out.line(
            "The card of version %d, %s, is %s",
            detail.summary().id(), detail.summary().model(), file);
      } else {
        ModelText.printCard(out, detail, model);
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "compare",
      description =
          "Judges one version beside another on today's held-out pairs; counts as a use of those pairs.",
      mixinStandardHelpOptions = true)
  static final class Compare extends InDatabase {
    @Parameters(index = "0", paramLabel = "VERSION", description = VERSION)
    private String version;

    @Parameters(index = "1", paramLabel = "OTHER", description = "Takes the champion's place.")
    private String other;

    @Override
    ExitCode run(Database database, Output out) {
      ModelRegistry registry = new ModelRegistry(database);
      ModelRegistry.Version one = registry.load(registry.require(version).id());
      ModelRegistry.Version two = registry.load(registry.require(other).id());
      Report report =
          new HeldOutTrial(database, TerminalProgress.ofThisTerminal())
              .judge(one, two, "comparison");
      if (json) {
        out.json(report);
      } else {
        out.line(
            "model is version %d, %s; champion stands for version %d, %s",
            one.id(), one.label(), two.id(), two.label());
        ReportText.print(out, report);
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "export",
      description = "Writes a version's artefact to a new file.",
      mixinStandardHelpOptions = true)
  static final class Export extends InDatabase {
    @Parameters(index = "0", paramLabel = "VERSION", description = VERSION)
    private String version;

    @Parameters(index = "1", paramLabel = "FILE", description = "Must not exist yet.")
    private Path file;

    @Override
    ExitCode run(Database database, Output out) {
      ModelRegistry registry = new ModelRegistry(database);
      Entry entry = registry.require(version);
      try {
        Files.write(file, registry.artefact(entry.id()), StandardOpenOption.CREATE_NEW);
      } catch (FileAlreadyExistsException e) {
        throw new CompatException(
            ExitCode.USAGE,
            "%s exists already and is not overwritten. Name another file.".formatted(file),
            e);
      } catch (IOException e) {
        throw new CompatException(
            ExitCode.STORAGE, "%s can't be written: %s".formatted(file, e), e);
      }
      if (json) {
        out.json(entry);
      } else {
        out.line(
            "%s is version %d, %s; SHA-256 %s", file, entry.id(), entry.label(), entry.sha256());
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "import",
      description = "Registers an artefact that was made elsewhere as a candidate.",
      mixinStandardHelpOptions = true)
  static final class Import extends InDatabase {
    @Parameters(paramLabel = "FILE", description = "The artefact.")
    private Path file;

    @Option(names = "--reason", description = "Where it comes from; kept in compat.model_events.")
    private @Nullable String reason;

    @Override
    ExitCode run(Database database, Output out) {
      Entry entry =
          new ModelRegistry(database)
              .register(read(), reason == null ? "imported from " + file.getFileName() : reason);
      if (json) {
        out.json(entry);
      } else {
        out.line(
            "Registered  version %d, %s, as candidate. It goes through the same gate as any other: 'compat model shadow %d'.",
            entry.id(), entry.label(), entry.id());
      }
      return ExitCode.OK;
    }

    private byte[] read() {
      try {
        long size = Files.size(file);
        if (size > LARGEST_FILE_BYTES) {
          throw new CompatException(
              ExitCode.BAD_INPUT,
              "%s has %,d bytes; no artefact has more than %,d."
                  .formatted(file, size, LARGEST_FILE_BYTES));
        }
        return Files.readAllBytes(file);
      } catch (IOException e) {
        throw new CompatException(ExitCode.BAD_INPUT, "%s can't be read: %s".formatted(file, e), e);
      }
    }
  }

  @Command(
      name = "verify",
      description =
          "Holds a version's artefact against its SHA-256, format, overflow proof and golden pairs.",
      mixinStandardHelpOptions = true)
  static final class Verify extends InDatabase {
    @Parameters(paramLabel = "VERSION", description = VERSION)
    private String version;

    @Override
    ExitCode run(Database database, Output out) {
      ModelRegistry registry = new ModelRegistry(database);
      Entry entry = registry.require(version);
      List<Artefact.Check> checks = Artefact.verify(registry.artefact(entry.id()), entry.sha256());
      if (json) {
        out.json(checks);
      } else {
        out.line("Version %d, %s", entry.id(), entry.label());
        for (Artefact.Check check : checks) {
          out.line("%-13s %s", check.name(), check.ok() ? "ok" : "FAILED: " + check.detail());
        }
      }
      return checks.stream().allMatch(Artefact.Check::ok) ? ExitCode.OK : ExitCode.BAD_INPUT;
    }
  }

  @Command(
      name = "promote",
      description =
          "Makes a version the champion if the promotion gate agrees; the next nightly run scores with it.",
      mixinStandardHelpOptions = true)
  static final class Promote extends InDatabase {
    @Parameters(paramLabel = "VERSION", description = VERSION)
    private String version;

    @Option(names = "--reason", required = true, description = "Why; kept in compat.model_events.")
    private String reason;

    @Option(
        names = "--override",
        paramLabel = "REASON",
        description = "Promotes even if a condition fails; why, kept in compat.model_events.")
    private @Nullable String override;

    @Override
    ExitCode run(Database database, Output out) {
      PromotionGate.Decision decision =
          new PromotionGate(database, TerminalProgress.ofThisTerminal())
              .promote(version, reason, override);
      if (json) {
        out.json(decision);
      } else {
        ModelText.print(out, decision);
      }
      return decision.promoted() ? ExitCode.OK : ExitCode.WITHHELD;
    }
  }

  @Command(
      name = "shadow",
      description = "Lets a version be scored with beside the champion, unpublished.",
      mixinStandardHelpOptions = true)
  static final class Shadow extends InDatabase {
    @Parameters(paramLabel = "VERSION", description = VERSION)
    private String version;

    @Option(
        names = "--reason",
        defaultValue = "to see what it would change",
        description = "Why; kept in compat.model_events.")
    private String reason;

    @Override
    ExitCode run(Database database, Output out) {
      ModelRegistry registry = new ModelRegistry(database);
      Entry entry = registry.require(version);
      registry.shadow(entry.id(), reason);
      if (json) {
        out.json(registry.require(version));
      } else {
        out.line(
            "Version %d, %s, is shadow. Next: compat score run --shadow %d",
            entry.id(), entry.label(), entry.id());
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "reject",
      description = "Judges a version not to be good, for good.",
      mixinStandardHelpOptions = true)
  static final class Reject extends InDatabase {
    @Parameters(paramLabel = "VERSION", description = VERSION)
    private String version;

    @Option(names = "--reason", required = true, description = "Why; kept in compat.model_events.")
    private String reason;

    @Override
    ExitCode run(Database database, Output out) {
      ModelRegistry registry = new ModelRegistry(database);
      Entry entry = registry.require(version);
      registry.reject(entry.id(), reason);
      if (json) {
        out.json(registry.require(version));
      } else {
        out.line("Version %d, %s, is rejected.", entry.id(), entry.label());
      }
      return ExitCode.OK;
    }
  }

  @Command(
      name = "rollback",
      description =
          "Makes the previous champion champion again and its last published scores those that readers see.",
      mixinStandardHelpOptions = true)
  static final class Rollback extends InDatabase {
    @Option(names = "--reason", required = true, description = "Why; kept in compat.model_events.")
    private String reason;

    @Override
    ExitCode run(Database database, Output out) {
      Summary run =
          new RunReport(database).of(ModelRollback.rollBack(database, reason, Clock.systemUTC()));
      if (json) {
        out.json(run);
      } else {
        out.line(
            "%s is champion again, and readers see its run %d of %s. Nothing was computed.",
            run.model(), run.runId(), run.asOf());
      }
      return ExitCode.OK;
    }
  }
}
