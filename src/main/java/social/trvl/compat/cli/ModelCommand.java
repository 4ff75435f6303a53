package social.trvl.compat.cli;

import picocli.CommandLine.Command;

/** {@code compat model}: models are trained. */
@Command(
    name = "model",
    description = "Trains models on what really happened.",
    mixinStandardHelpOptions = true,
    subcommands = {ModelTrainCommand.class})
final class ModelCommand {}
