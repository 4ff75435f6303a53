package social.trvl.compat.intake;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Draws travel groups of two to eight adults: a tenth of them full, the others open for one to six
 * more; three in ten say for which ages they are.
 */
final class GroupPlan {

  private static final int AGE_MIN = 18;
  private static final int DRAWS_MAX = 60;
  private static final int INTERESTS_MAX = 4;

  /** What a group needs to know of somebody. */
  record Companion(UUID id, int age, List<String> interests, List<String> destinations) {

    Companion {
      interests = List.copyOf(interests);
      destinations = List.copyOf(destinations);
    }

    static Companion of(Person person) {
      return new Companion(
          person.id(),
          person.age(),
          person.preferences().interests(),
          person.preferences().destinations());
    }
  }

  /**
   * A group; its first member owns it.
   *
   * @param ages null: all
   */
  record Group(
      UUID id,
      String name,
      String privacy,
      int maxMembers,
      @Nullable String location,
      List<String> interests,
      TravelPreferences.@Nullable Span ages,
      List<UUID> members) {

    Group {
      interests = List.copyOf(interests);
      members = List.copyOf(members);
    }

    void writeGroup(CopyRows copy) throws SQLException {
      copy.add(id).add(name).add("Generated, not a real group.").add(members.getFirst());
      copy.add(privacy).add(maxMembers).add(location).add(interests);
      copy.add(ages == null ? null : "[%d,%d]".formatted(ages.least(), ages.most())).endRow();
    }

    void writeMembers(CopyRows copy) throws SQLException {
      for (int i = 0; i < members.size(); i++) {
        UUID membership = Dice.id(0, "member", id + ":" + members.get(i));
        copy.add(membership).add(id).add(members.get(i)).add(i == 0 ? "owner" : "member").endRow();
      }
    }
  }

  private final long seed;
  private final int people;
  private final IntFunction<Companion> companions;

  /**
   * @param people how many there are to draw from
   */
  GroupPlan(long seed, int people, IntFunction<Companion> companions) {
    this.seed = seed;
    this.people = people;
    this.companions = companions;
  }

  /** The group of this number, or null if two adults are not to be found. */
  @Nullable Group group(int number) {
    Dice dice = Dice.of(seed, "group", number);
    int size = 2 + dice.weighted(.2, .22, .2, .15, .1, .08, .05);
    List<Companion> members = members(dice, size);
    if (members.size() < 2) {
      return null;
    }
    boolean full = dice.chance(.1);
    int maxMembers = members.size() + (full ? 0 : dice.between(1, 6));
    String privacy = List.of("public", "invite_only", "private").get(dice.weighted(.7, .2, .1));
    List<String> interests = commonInterests(members);
    List<String> places = members.getFirst().destinations();
    String place = places.isEmpty() ? null : dice.oneOf(places);
    boolean choosy = dice.chance(.3);
    return new Group(
        Dice.id(seed, "group", Integer.toString(number)),
        name(number, interests, place),
        privacy,
        maxMembers,
        place,
        interests,
        choosy ? ages(members) : null,
        members.stream().map(Companion::id).toList());
  }

  private List<Companion> members(Dice dice, int size) {
    List<Companion> members = new ArrayList<>();
    for (int draw = 0; people > 0 && draw < DRAWS_MAX && members.size() < size; draw++) {
      Companion one = companions.apply(dice.between(0, people - 1));
      if (one.age() >= AGE_MIN && members.stream().noneMatch(m -> m.id().equals(one.id()))) {
        members.add(one);
      }
    }
    return members;
  }

  /** What most members like, ties by the alphabet. */
  private static List<String> commonInterests(List<Companion> members) {
    Map<String, Integer> counts = new TreeMap<>();
    for (Companion member : members) {
      member.interests().forEach(interest -> counts.merge(interest, 1, Integer::sum));
    }
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(INTERESTS_MAX)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static TravelPreferences.Span ages(List<Companion> members) {
    int youngest = members.stream().mapToInt(Companion::age).min().orElse(AGE_MIN);
    int oldest = members.stream().mapToInt(Companion::age).max().orElse(AGE_MIN);
    return new TravelPreferences.Span(Math.max(AGE_MIN, youngest - 3), oldest + 3);
  }

  private static String name(int number, List<String> interests, @Nullable String place) {
    String what = interests.isEmpty() ? "trip" : interests.getFirst();
    return "Generated %d: %s%s".formatted(number + 1, what, place == null ? "" : ", " + place);
  }
}
