package social.trvl.compat.job;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The scores as the documentation defines them, worked out the slow way from the raw tables and the
 * registered artefact. It shares no class with the program: what both agree on is not agreed by
 * construction.
 *
 * <p>Ids stay texts: in lower-case hexadecimal their order is that of the bytes, PostgreSQL's.
 */
final class BruteForce {

  private static final List<String> TRAITS =
      List.of("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism");
  private static final List<String> STYLES =
      List.of("adventure_style", "budget_preference", "planning_style", "group_preference");
  private static final int AGE = 5;
  private static final int EXPERIENCE = 6;
  private static final int FIRST_STYLE = 7;
  private static final int BUDGET = 11;
  private static final int INTERESTS = 12;

  /** What two people must share. */
  enum Share {
    NOTHING,
    REGION,
    DESTINATION
  }

  private static final class Person {
    String id = "";
    final @Nullable Integer[] numeric = new Integer[7];
    final int[] styles = new int[4];
    final Set<String> interests = new HashSet<>();
    final Set<String> destinations = new HashSet<>();
    @Nullable String region;
    int @Nullable [] budget;
    @Nullable Integer youngest;
    @Nullable Integer oldest;
    long handicap;
  }

  private record Group(
      String id,
      List<String> members,
      @Nullable Integer from,
      @Nullable Integer to,
      boolean open) {}

  private final JsonNode model;
  private final int modelVersion;
  private final int gammaPercent;
  private final int topK;
  private final Share share;
  private final TreeMap<String, Person> people = new TreeMap<>();
  private final List<Node> trees = new ArrayList<>();

  /** For each tree, for each leaf the sums of the features' steps. */
  private final List<List<long[]>> paths = new ArrayList<>();

  private final Set<String> blocked = new HashSet<>();
  private final List<Group> groups = new ArrayList<>();
  private final long[] worst = new long[13];
  private final long[] best = new long[13];

  BruteForce(Connection connection, LocalDate asOf, int topK, int gammaPercent, Share share)
      throws SQLException {
    this.topK = topK;
    this.gammaPercent = gammaPercent;
    this.share = share;
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "select id, artefact from public.compatibility_model_versions where state = 'champion'")) {
        row.next();
        modelVersion = row.getInt(1);
        model = JsonMapper.builder().build().readTree(row.getBytes(2));
      }
      for (JsonNode tree : model.at("/boosted/trees")) {
        trees.add(tree(tree, 0));
      }
      findExtremes();
      readPeople(statement, asOf);
      try (ResultSet row =
          statement.executeQuery(
              "select requester_id, addressee_id from public.user_connections where status = 'blocked'")) {
        while (row.next()) {
          blocked.add(row.getString(1) + row.getString(2));
          blocked.add(row.getString(2) + row.getString(1));
        }
      }
      readGroups(statement);
    }
  }

  List<String> people() {
    return List.copyOf(people.keySet());
  }

  int groups() {
    return groups.size();
  }

  /** Rows of a person's list: rank, other, score, three matches, completeness, model version. */
  List<String> list(String id) {
    Person person = person(id);
    List<Map.Entry<Person, Long>> candidates = new ArrayList<>();
    for (Person other : people.values()) {
      if (other != person && mayMeet(person, other)) {
        candidates.add(Map.entry(other, logOdds(features(person, other)) - other.handicap));
      }
    }
    candidates.sort(
        Map.Entry.<Person, Long>comparingByValue(Comparator.reverseOrder())
            .thenComparing(entry -> entry.getKey().id));
    List<String> rows = new ArrayList<>();
    for (Map.Entry<Person, Long> candidate :
        candidates.subList(0, Math.min(topK, candidates.size()))) {
      long[] features = features(person, candidate.getKey());
      rows.add(
          String.join(
              "|",
              Integer.toString(rows.size() + 1),
              candidate.getKey().id,
              hundredths(score(features)),
              hundredths(match(features, 0, 4)),
              hundredths(match(features, 5, 11)),
              hundredths(match(features, 12, 12)),
              hundredths(completeness(person, candidate.getKey())),
              Integer.toString(modelVersion)));
    }
    return rows;
  }

  /**
   * Rows of all groups: group, person, member, rank, fit, personality, interest, style, least,
   * completeness, model version; by group and person.
   */
  List<String> groupRows(int candidates, int lambdaPercent) {
    List<String> rows = new ArrayList<>();
    for (Group group : groups) {
      Map<String, String> ofGroup = new TreeMap<>();
      List<Person> members = scorable(group);
      if (members.size() > 1) {
        for (Person member : members) {
          ofGroup.put(member.id, fitRow(group, member, 0, lambdaPercent));
        }
      }
      int rank = 0;
      for (Person candidate : candidates(group, lambdaPercent, candidates)) {
        ofGroup.put(candidate.id, fitRow(group, candidate, ++rank, lambdaPercent));
      }
      rows.addAll(ofGroup.values());
    }
    return rows;
  }

  /** Rows of all groups: group, cohesion, least, members, those scorable, candidates, version. */
  List<String> cohesionRows(int candidates, int lambdaPercent) {
    List<String> rows = new ArrayList<>();
    for (Group group : groups) {
      List<Person> members = scorable(group);
      List<Integer> scores = new ArrayList<>();
      for (Person one : members) {
        for (Person other : members) {
          if (one.id.compareTo(other.id) < 0) {
            scores.add(score(features(one, other)));
          }
        }
      }
      rows.add(
          String.join(
              "|",
              group.id,
              scores.isEmpty() ? "" : hundredths(rounded(fit(scores, lambdaPercent))),
              scores.isEmpty() ? "" : hundredths(least(scores)),
              Integer.toString(group.members.size()),
              Integer.toString(members.size()),
              Integer.toString(candidates(group, lambdaPercent, candidates).size()),
              Integer.toString(modelVersion)));
    }
    return rows;
  }

  private List<Person> candidates(Group group, int lambdaPercent, int most) {
    List<Person> members = scorable(group);
    if (!group.open || members.isEmpty()) {
      return List.of();
    }
    Map<Person, BigDecimal> fits = new HashMap<>();
    for (Person person : people.values()) {
      Integer age = person.numeric[AGE];
      if (!group.members.contains(person.id)
          && (age == null || group.from == null || age >= group.from)
          && (age == null || group.to == null || age <= group.to)
          && group.members.stream().noneMatch(member -> blocked.contains(member + person.id))) {
        List<Integer> scores = new ArrayList<>();
        members.forEach(member -> scores.add(score(features(person, member))));
        fits.put(person, fit(scores, lambdaPercent));
      }
    }
    return fits.entrySet().stream()
        .sorted(
            Map.Entry.<Person, BigDecimal>comparingByValue(Comparator.reverseOrder())
                .thenComparing(entry -> entry.getKey().id))
        .limit(most)
        .map(Map.Entry::getKey)
        .toList();
  }

  private String fitRow(Group group, Person person, int rank, int lambdaPercent) {
    List<Integer> scores = new ArrayList<>();
    List<Integer> personality = new ArrayList<>();
    List<Integer> preference = new ArrayList<>();
    List<Integer> interest = new ArrayList<>();
    List<Integer> known = new ArrayList<>();
    for (Person member : scorable(group)) {
      if (member != person) {
        long[] features = features(person, member);
        scores.add(score(features));
        personality.add(match(features, 0, 4));
        preference.add(match(features, 5, 11));
        interest.add(match(features, 12, 12));
        known.add(completeness(person, member));
      }
    }
    return String.join(
        "|",
        group.id,
        person.id,
        rank == 0 ? "t" : "f",
        rank == 0 ? "" : Integer.toString(rank),
        hundredths(rounded(fit(scores, lambdaPercent))),
        hundredths(rounded(fit(personality, 0))),
        hundredths(rounded(fit(interest, 0))),
        hundredths(rounded(fit(preference, 0))),
        hundredths(least(scores)),
        hundredths(rounded(fit(known, 0))),
        Integer.toString(modelVersion));
  }

  /**
   * mean − λ · (mean − least), with so many digits that fits of one group compare as the exact
   * fractions do: those differ by at least 1 / (100 n).
   */
  private static BigDecimal fit(List<Integer> scores, int lambdaPercent) {
    BigDecimal sum = BigDecimal.valueOf(scores.stream().mapToLong(Integer::longValue).sum());
    BigDecimal n = BigDecimal.valueOf(scores.size());
    BigDecimal least = BigDecimal.valueOf(least(scores));
    BigDecimal lambda = BigDecimal.valueOf(lambdaPercent, 2);
    // (1 − λ) · sum / n + λ · least; multiplied out so that halves are exact.
    return BigDecimal.ONE
        .subtract(lambda)
        .multiply(sum)
        .add(lambda.multiply(n).multiply(least))
        .divide(n, 30, RoundingMode.HALF_UP);
  }

  private static int least(List<Integer> scores) {
    return scores.stream().mapToInt(Integer::intValue).min().orElseThrow();
  }

  private static int rounded(BigDecimal value) {
    return value.setScale(0, RoundingMode.HALF_UP).intValueExact();
  }

  private List<Person> scorable(Group group) {
    return group.members.stream().filter(people::containsKey).map(this::person).toList();
  }

  private Person person(String id) {
    Person person = people.get(id);
    if (person == null) {
      throw new IllegalArgumentException(id);
    }
    return person;
  }

  private boolean mayMeet(Person a, Person b) {
    boolean candidates =
        switch (share) {
          case NOTHING -> true;
          case REGION -> a.region == null ? b.region == null : a.region.equals(b.region);
          case DESTINATION ->
              a.destinations.isEmpty()
                  ? b.destinations.isEmpty()
                  : a.destinations.stream().anyMatch(b.destinations::contains);
        };
    return candidates && seeks(a, b) && seeks(b, a) && !blocked.contains(a.id + b.id);
  }

  private static boolean seeks(Person person, Person companion) {
    Integer age = companion.numeric[AGE];
    return age == null
        || ((person.youngest == null || age >= person.youngest)
            && (person.oldest == null || age <= person.oldest));
  }

  /** Contributions to the log-odds, 2^20 to a unit, in the order of pair-v1. */
  private long[] features(Person a, Person b) {
    return trees.isEmpty() ? additive(a, b) : paths(a, b);
  }

  private long[] additive(Person a, Person b) {
    long[] result = new long[13];
    for (int i = 0; i < 7; i++) {
      result[i] = numeric(i, known(i, a), known(i, b));
    }
    for (int i = 0; i < 4; i++) {
      JsonNode style = model.get("preferences").get(i);
      int codes = style.get("values").size() + 1;
      result[FIRST_STYLE + i] = style.get("table").get(a.styles[i] * codes + b.styles[i]).asLong();
    }
    result[BUDGET] = counted("budget", overlap(a, b));
    result[INTERESTS] = counted("interests", shared(a, b));
    return result;
  }

  private int overlap(Person a, Person b) {
    int[] rangeA = budget(a);
    int[] rangeB = budget(b);
    return Math.min(rangeA[1], rangeB[1]) - Math.max(rangeA[0], rangeB[0]);
  }

  private static int shared(Person a, Person b) {
    int shared = 0;
    for (String interest : a.interests) {
      shared += b.interests.contains(interest) ? 1 : 0;
    }
    return shared;
  }

  /** Each step from the mean of a node to that of its child, to the feature that was asked. */
  private long[] paths(Person a, Person b) {
    List<Integer> row = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      int x = (int) known(i, a);
      int y = (int) known(i, b);
      row.addAll(List.of(x + y, Math.min(x, y), Math.abs(x - y)));
    }
    for (int i = 0; i < 4; i++) {
      int x = a.styles[i];
      int y = b.styles[i];
      row.addAll(List.of(Math.min(x, y), Math.max(x, y), x * y == 0 ? -1 : Math.abs(x - y)));
    }
    row.add(Math.max(0, Math.min(model.get("budget").get("cap").asInt(), overlap(a, b))));
    row.add(Math.min(model.get("interests").get("cap").asInt(), shared(a, b)));
    long[] result = new long[13];
    for (Node tree : trees) {
      Node node = tree;
      while (node.yes != null && node.no != null) {
        Node next = row.get(node.column) <= node.value ? node.yes : node.no;
        result[node.feature] += next.mean - node.mean;
        node = next;
      }
    }
    return result;
  }

  private static final class Node {
    int column;
    int feature;
    long value;
    @Nullable Node yes;
    @Nullable Node no;
    BigInteger leaves = BigInteger.ZERO;
    long mean;
  }

  private Node tree(JsonNode tree, int at) {
    Node node = new Node();
    node.column = tree.get("column").get(at).asInt();
    node.value = tree.get("value").get(at).asLong();
    BigInteger cover = BigInteger.valueOf(tree.get("cover").get(at).asLong());
    if (node.column < 0) {
      node.leaves = cover.multiply(BigInteger.valueOf(node.value));
    } else {
      String name = model.at("/boosted/columns").get(node.column).asString();
      node.feature = feature(name);
      Node yes = tree(tree, tree.get("yes").get(at).asInt());
      Node no = tree(tree, tree.get("no").get(at).asInt());
      node.leaves = yes.leaves.add(no.leaves);
      node.yes = yes;
      node.no = no;
    }
    node.mean =
        new BigDecimal(node.leaves)
            .divide(new BigDecimal(cover), 1000, RoundingMode.HALF_EVEN)
            .add(BigDecimal.valueOf(5, 1))
            .setScale(0, RoundingMode.FLOOR)
            .longValueExact();
    return node;
  }

  private static int feature(String column) {
    List<String> names = new ArrayList<>(TRAITS);
    names.addAll(List.of("age", "experience"));
    names.addAll(STYLES);
    names.addAll(List.of("budget_overlap", "shared_interests"));
    for (int i = 0; i < names.size(); i++) {
      if (column.startsWith(names.get(i))) {
        return i;
      }
    }
    throw new IllegalArgumentException(column);
  }

  /** Sums of each feature's steps to every leaf. */
  private static void addPaths(Node node, long[] soFar, List<long[]> paths) {
    if (node.yes == null || node.no == null) {
      paths.add(soFar);
      return;
    }
    for (Node child : List.of(node.yes, node.no)) {
      long[] further = soFar.clone();
      further[node.feature] += child.mean - node.mean;
      addPaths(child, further, paths);
    }
  }

  private long numeric(int feature, long x, long y) {
    JsonNode entry = model.get("numeric").get(feature);
    return entry.get("weight_sum").asLong() * (x + y)
        + entry.get("weight_min").asLong() * Math.min(x, y);
  }

  private long known(int feature, Person person) {
    JsonNode entry = model.get("numeric").get(feature);
    Integer value = person.numeric[feature];
    return value == null
        ? entry.get("unknown").asLong()
        : Math.max(entry.get("lowest").asLong(), Math.min(entry.get("highest").asLong(), value));
  }

  private long counted(String name, int count) {
    JsonNode entry = model.get(name);
    return entry.get("weight").asLong() * Math.max(0, Math.min(entry.get("cap").asInt(), count));
  }

  private int[] budget(Person person) {
    return person.budget != null
        ? person.budget
        : new int[] {
          model.get("budget").get("unknown_low").asInt(),
          model.get("budget").get("unknown_high").asInt()
        };
  }

  private long logOdds(long[] features) {
    long sum =
        trees.isEmpty() ? model.get("intercept").asLong() : model.at("/boosted/intercept").asLong();
    for (Node tree : trees) {
      sum += tree.mean;
    }
    for (long feature : features) {
      sum += feature;
    }
    return sum;
  }

  private int score(long[] features) {
    double p = 1 / (1 + StrictMath.exp(-(double) logOdds(features) / (1 << 20)));
    return (int) StrictMath.floor(10_000 * p + 0.5);
  }

  private int match(long[] features, int first, int last) {
    long value = 0;
    long from = 0;
    long to = 0;
    for (int i = first; i <= last; i++) {
      value += features[i];
      from += trees.isEmpty() ? worst[i] : 0;
      to += trees.isEmpty() ? best[i] : 0;
    }
    for (List<long[]> leaves : paths) {
      from += leaves.stream().mapToLong(path -> sum(path, first, last)).min().orElseThrow();
      to += leaves.stream().mapToLong(path -> sum(path, first, last)).max().orElseThrow();
    }
    return share(value - from, to - from, 10_000);
  }

  private static long sum(long[] path, int first, int last) {
    long sum = 0;
    for (int i = first; i <= last; i++) {
      sum += path[i];
    }
    return sum;
  }

  private int completeness(Person a, Person b) {
    long known = 0;
    long all = 0;
    for (int i = 0; i < 13; i++) {
      all += best[i] - worst[i];
      known += states(i, a) && states(i, b) ? best[i] - worst[i] : 0;
    }
    return share(known, all, 100);
  }

  private static boolean states(int feature, Person person) {
    return switch (feature) {
      case BUDGET -> person.budget != null;
      case INTERESTS -> !person.interests.isEmpty();
      default ->
          feature < FIRST_STYLE
              ? person.numeric[feature] != null
              : person.styles[feature - FIRST_STYLE] != 0;
    };
  }

  private static int share(long part, long whole, int times) {
    return BigDecimal.valueOf(part)
        .multiply(BigDecimal.valueOf(times))
        .divide(BigDecimal.valueOf(whole), 0, RoundingMode.HALF_UP)
        .intValueExact();
  }

  private static String hundredths(int value) {
    return BigDecimal.valueOf(value, 2).toPlainString();
  }

  /** Tries every value that there is; of trees every leaf. */
  private void findExtremes() {
    for (Node tree : trees) {
      List<long[]> leaves = new ArrayList<>();
      addPaths(tree, new long[13], leaves);
      paths.add(leaves);
      for (int i = 0; i < 13; i++) {
        int feature = i;
        worst[i] += leaves.stream().mapToLong(path -> path[feature]).min().orElseThrow();
        best[i] += leaves.stream().mapToLong(path -> path[feature]).max().orElseThrow();
      }
    }
    if (!trees.isEmpty()) {
      return;
    }
    for (int i = 0; i < 13; i++) {
      worst[i] = Long.MAX_VALUE;
      best[i] = Long.MIN_VALUE;
    }
    for (int i = 0; i < 7; i++) {
      JsonNode entry = model.get("numeric").get(i);
      for (int x = entry.get("lowest").asInt(); x <= entry.get("highest").asInt(); x++) {
        for (int y = entry.get("lowest").asInt(); y <= x; y++) {
          attain(i, numeric(i, x, y));
        }
      }
    }
    for (int i = 0; i < 4; i++) {
      for (JsonNode weight : model.get("preferences").get(i).get("table")) {
        attain(FIRST_STYLE + i, weight.asLong());
      }
    }
    for (int count = 0; count <= model.get("budget").get("cap").asInt(); count++) {
      attain(BUDGET, counted("budget", count));
    }
    for (int count = 0; count <= model.get("interests").get("cap").asInt(); count++) {
      attain(INTERESTS, counted("interests", count));
    }
  }

  private void attain(int feature, long value) {
    worst[feature] = Math.min(worst[feature], value);
    best[feature] = Math.max(best[feature], value);
  }

  private void readPeople(Statement statement, LocalDate asOf) throws SQLException {
    Map<String, Person> preferred = new HashMap<>();
    Map<String, @Nullable String[]> styles = new HashMap<>();
    try (ResultSet row = statement.executeQuery("select * from public.travel_preferences")) {
      while (row.next()) {
        Person person = new Person();
        preferred.put(row.getString("user_id"), person);
        readPreferences(row, person);
        styles.put(row.getString("user_id"), styles(row));
      }
    }
    Map<String, Person> assessed = new HashMap<>();
    try (ResultSet row = statement.executeQuery("select * from public.personality_assessments")) {
      while (row.next()) {
        String id = row.getString("user_id");
        Person person = preferred.getOrDefault(id, new Person());
        boolean complete = true;
        for (int i = 0; i < TRAITS.size(); i++) {
          BigDecimal value = row.getBigDecimal(TRAITS.get(i));
          complete &= value != null;
          person.numeric[i] = value == null ? null : value.movePointRight(2).intValueExact();
        }
        if (complete) {
          assessed.put(id, person);
          readStyles(person, styles.getOrDefault(id, new String[4]), styles(row));
        }
      }
    }
    try (ResultSet row =
        statement.executeQuery(
            "select *, restriction_expires < now() as over from public.profiles")) {
      while (row.next()) {
        Person person = assessed.get(row.getString("id"));
        LocalDate born = row.getObject("date_of_birth", LocalDate.class);
        String status = row.getString("account_status");
        boolean unrestricted =
            status == null
                || status.equals("active")
                || (status.equals("restricted") && row.getBoolean("over"));
        if (person != null
            && born != null
            && row.getString("role").equals("traveler")
            && unrestricted
            && age(born, asOf) >= 18) {
          person.id = row.getString("id");
          person.numeric[AGE] = age(born, asOf);
          person.handicap = handicap(person);
          people.put(person.id, person);
        }
      }
    }
  }

  private static int age(LocalDate born, LocalDate asOf) {
    int years = asOf.getYear() - born.getYear();
    boolean birthdayToCome =
        asOf.getMonthValue() < born.getMonthValue()
            || (asOf.getMonthValue() == born.getMonthValue()
                && asOf.getDayOfMonth() < born.getDayOfMonth());
    return birthdayToCome ? years - 1 : years;
  }

  private long handicap(Person person) {
    long twiceLevel = 0;
    for (int i = 0; i < 7; i++) {
      JsonNode entry = model.get("numeric").get(i);
      twiceLevel +=
          (2 * entry.get("weight_sum").asLong() + entry.get("weight_min").asLong())
              * known(i, person);
    }
    return new BigDecimal(twiceLevel * gammaPercent)
        .divide(BigDecimal.valueOf(200), 0, RoundingMode.FLOOR)
        .longValueExact();
  }

  private void readPreferences(ResultSet row, Person person) throws SQLException {
    person.numeric[EXPERIENCE] = row.getObject("experience_level", Integer.class);
    person.region = row.getString("home_region");
    person.destinations.addAll(texts(row, "destinations"));
    for (String interest : texts(row, "interests")) {
      String known = interest(spelling(interest));
      if (known != null) {
        person.interests.add(known);
      }
    }
    BigDecimal low = row.getBigDecimal("daily_budget_min");
    JsonNode rate =
        row.getString("budget_currency") == null
            ? null
            : model.get("budget").get("currency_rates_e4").get(row.getString("budget_currency"));
    if (low != null && rate != null) {
      person.budget =
          new int[] {level(low, rate), level(row.getBigDecimal("daily_budget_max"), rate)};
    }
    String ages = row.getString("companion_age_range");
    if (ages != null) {
      // As PostgreSQL prints whole numbers: lower bound inclusive, upper bound exclusive.
      String[] bounds = ages.substring(1, ages.length() - 1).split(",", -1);
      person.youngest = bounds[0].isEmpty() ? null : Integer.valueOf(bounds[0]);
      person.oldest = bounds[1].isEmpty() ? null : Integer.valueOf(bounds[1]) - 1;
    }
  }

  private static @Nullable String[] styles(ResultSet row) throws SQLException {
    @Nullable String[] styles = new String[4];
    for (int i = 0; i < 4; i++) {
      styles[i] = row.getString(STYLES.get(i));
    }
    return styles;
  }

  private void readStyles(
      Person person, @Nullable String[] preferred, @Nullable String[] assessed) {
    for (int i = 0; i < 4; i++) {
      String stated = preferred[i] != null ? preferred[i] : assessed[i];
      JsonNode values = model.get("preferences").get(i).get("values");
      for (int code = 1; stated != null && code <= values.size(); code++) {
        if (spelling(values.get(code - 1).asString()).equals(spelling(stated))) {
          person.styles[i] = code;
        }
      }
    }
  }

  private @Nullable String interest(String spelling) {
    for (JsonNode value : model.get("interests").get("values")) {
      if (spelling(value.asString()).equals(spelling)) {
        return value.asString();
      }
    }
    for (Map.Entry<String, JsonNode> synonym :
        model.get("interests").get("synonyms").properties()) {
      if (spelling(synonym.getKey()).equals(spelling)) {
        return interest(spelling(synonym.getValue().asString()));
      }
    }
    return null;
  }

  /** Letter case and outer space don't matter; runs of space, hyphen and underscore are a space. */
  private static String spelling(String text) {
    StringBuilder result = new StringBuilder();
    for (char c : text.strip().toCharArray()) {
      boolean gap = Character.isWhitespace(c) || c == '-' || c == '_';
      if (!gap) {
        result.append(Character.toLowerCase(c));
      } else if (result.isEmpty() || result.charAt(result.length() - 1) != ' ') {
        result.append(' ');
      }
    }
    return result.toString();
  }

  /** 8 · log2 of the US cents, rounded down: the largest l with 2^l ≤ cents^8. */
  private static int level(BigDecimal amount, JsonNode rateE4) {
    BigInteger cents =
        amount.multiply(BigDecimal.valueOf(rateE4.asLong())).movePointLeft(2).toBigInteger();
    return cents.signum() == 0 ? 0 : cents.pow(8).bitLength() - 1;
  }

  private void readGroups(Statement statement) throws SQLException {
    Map<String, List<String>> members = new HashMap<>();
    try (ResultSet row =
        statement.executeQuery(
            "select group_id, user_id from public.group_members where is_active is not false")) {
      while (row.next()) {
        members.computeIfAbsent(row.getString(1), id -> new ArrayList<>()).add(row.getString(2));
      }
    }
    try (ResultSet row =
        statement.executeQuery(
            "select id, max_members, lower(age_range), upper(age_range) from public.groups where is_active is not false")) {
      while (row.next()) {
        List<String> of = members.getOrDefault(row.getString(1), List.of());
        Integer most = row.getObject(2, Integer.class);
        Integer until = row.getObject(4, Integer.class);
        groups.add(
            new Group(
                row.getString(1),
                of,
                row.getObject(3, Integer.class),
                until == null ? null : until - 1,
                most == null || of.size() < most));
      }
    }
    groups.sort(Comparator.comparing(Group::id));
  }

  private static List<String> texts(ResultSet row, String column) throws SQLException {
    Array array = row.getArray(column);
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }
}
