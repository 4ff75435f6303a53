package social.trvl.compat.db;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Single tables of the platform, taken out of its migrations: what these say about a table, its
 * indexes, policies, grants and comments, and the type and functions it needs. So a table that an
 * adopted database lacks has no second definition.
 *
 * <p>Left out are triggers that tie a table to others of the platform, and foreign keys to a table
 * that has no key to refer to.
 */
final class PlatformTables {

  /** A comment, a literal, a body in dollars, the end of a statement, or anything between them. */
  private static final Pattern TOKENS =
      Pattern.compile("--[^\n]*|'[^']*'|\\$(\\w*)\\$.*?\\$\\1\\$|;|[^-'$;]+|.", Pattern.DOTALL);

  private static final Pattern OF_A_TABLE =
      Pattern.compile(
          """
          ^(?:create\\ table|alter\\ table|comment\\ on\\ table|comment\\ on\\ column)\\s+public\\.(\\w+)\\b
          |^create\\ (?:unique\\ )?index\\s+\\w+\\s+on\\ public\\.(\\w+)\\b
          |^create\\ policy\\ "[^"]*"\\s+on\\ public\\.(\\w+)\\b
          |^create\\ trigger\\s.*\\son\\ public\\.(\\w+)\\b.*\\sexecute\\ function\\ public\\.update_updated_at_column\\(\\)$
          """,
          Pattern.COMMENTS | Pattern.DOTALL);

  private static final Pattern GRANT =
      Pattern.compile(
          "^((?:grant|revoke)\\s.*?\\son (?:table|sequence) )(.*?)( (?:to|from) .*)$",
          Pattern.DOTALL);

  private static final Pattern OF_A_FUNCTION_OR_TYPE =
      Pattern.compile(
          "^(?:create (?:type|function) |comment on (?:type|function) |(?:grant|revoke) execute on function )public\\.(\\w+)\\b.*",
          Pattern.DOTALL);

  private static final Pattern FOREIGN_KEY =
      Pattern.compile(
          "\\s+references public\\.(\\w+) \\(id\\)(?: on delete (?:cascade|set null))?");

  private final List<String> statements;

  /**
   * @param scripts the platform's migrations, in order
   */
  PlatformTables(List<String> scripts) {
    statements = scripts.stream().flatMap(script -> statements(script).stream()).toList();
  }

  /**
   * The statements that make these tables.
   *
   * @param tables names without schema
   * @param others functions and types that are needed and missing, by name
   * @param hasKey whether a foreign key may refer to a table
   */
  List<String> making(Set<String> tables, Set<String> others, Predicate<String> hasKey) {
    List<String> making = new ArrayList<>();
    for (String statement : statements) {
      Matcher table = OF_A_TABLE.matcher(statement);
      Matcher grant = GRANT.matcher(statement);
      Matcher other = OF_A_FUNCTION_OR_TYPE.matcher(statement);
      if (table.find()) {
        if (tables.contains(firstGroup(table))) {
          making.add(
              FOREIGN_KEY
                  .matcher(statement)
                  .replaceAll(key ->
                      tables.contains(key.group(1)) || hasKey.test(key.group(1))
                          ? Matcher.quoteReplacement(key.group())
                          : ""));
        }
      } else if (grant.matches()) {
        String these =
            Arrays.stream(grant.group(2).split(","))
                .map(String::strip)
                .filter(name -> tables.stream().anyMatch(t -> isOf(name, t)))
                .collect(Collectors.joining(", "));
        if (!these.isEmpty()) {
          making.add(grant.group(1) + these + grant.group(3));
        }
      } else if (other.matches() && others.contains(other.group(1))) {
        making.add(statement);
      }
    }
    return making;
  }

  /** Whether a relation is the table or its sequence. */
  private static boolean isOf(String relation, String table) {
    return relation.equals("public." + table) || relation.equals("public." + table + "_id_seq");
  }

  private static String firstGroup(MatchResult match) {
    for (int i = 1; i <= match.groupCount(); i++) {
      if (match.group(i) != null) {
        return match.group(i);
      }
    }
    throw new IllegalStateException("no table in: " + match.group());
  }

  private static List<String> statements(String script) {
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    Matcher tokens = TOKENS.matcher(script);
    while (tokens.find()) {
      String token = tokens.group();
      if (token.equals(";")) {
        statements.add(statement.toString().strip());
        statement.setLength(0);
      } else if (!token.startsWith("--")) {
        statement.append(token);
      }
    }
    return statements;
  }
}
