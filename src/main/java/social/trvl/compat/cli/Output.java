package social.trvl.compat.cli;

import com.google.errorprone.annotations.FormatMethod;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** How results are written: JSON with snake_case keys as in the database, or aligned columns. */
final class Output {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  private final PrintWriter out;

  Output(CommandSpec spec) {
    out = spec.commandLine().getOut();
  }

  void json(Object value) {
    out.println(toJson(value));
    out.flush();
  }

  /** For programs that read line by line. */
  void jsonLine(Object value) {
    out.println(
        JSON.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value));
    out.flush();
  }

  /** As {@link #json} writes it. */
  static String toJson(Object value) {
    return JSON.writeValueAsString(value);
  }

  @FormatMethod
  void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }

  /** Columns as wide as their widest cell; numbers to the right. */
  void table(List<String> header, List<List<String>> rows) {
    int[] widths = new int[header.size()];
    List<List<String>> all = new ArrayList<>(rows);
    all.addFirst(header);
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String pad = " ".repeat(widths[i] - width(row.get(i)));
        boolean number = row.get(i).matches("-?[0-9][0-9.,]*( ?%)?");
        line.append(number ? pad + row.get(i) : row.get(i) + pad).append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }

  /** In columns of a terminal, where the two marks are as wide as two letters. */
  private static int width(String text) {
    return text.length() + (int) text.chars().filter(c -> c == '✅' || c == '❌').count();
  }
}
