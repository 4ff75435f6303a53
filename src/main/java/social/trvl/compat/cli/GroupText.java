package social.trvl.compat.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import social.trvl.compat.score.GroupFit;
import social.trvl.compat.score.GroupFit.PersonFit;

/** A group's fits on a terminal or as JSON; scores as in the tables, 0–100. */
final class GroupText {

  private GroupText() {}

  static void print(Output out, GroupFit fit, int mostCandidates) {
    out.line(
        "Group %s: %d member(s), %d of them scorable; %s",
        fit.groupId(),
        fit.members(),
        fit.scorableMembers(),
        fit.cohesion() < 0
            ? "no cohesion yet"
            : "cohesion %s, worst pair %s".formatted(points(fit.cohesion()), points(fit.least())));
    List<List<String>> rows = new ArrayList<>();
    int candidates = 0;
    for (PersonFit person : fit.people()) {
      if (!person.member() && ++candidates > mostCandidates) {
        break;
      }
      rows.add(
          List.of(
              person.member() ? "member" : "candidate " + person.rank(),
              person.userId().toString(),
              points(person.fit()),
              points(person.least()),
              points(person.personality()),
              points(person.preference()),
              points(person.interest())));
    }
    out.table(List.of("", "USER", "FIT", "LEAST", "PERSONALITY", "STYLE", "INTERESTS"), rows);
  }

  static Map<String, Object> json(GroupFit fit) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("group_id", fit.groupId());
    json.put("cohesion", fit.cohesion() < 0 ? null : fit.cohesion() / 100.0);
    json.put("least_match", fit.least() < 0 ? null : fit.least() / 100.0);
    json.put("members", fit.members());
    json.put("scorable_members", fit.scorableMembers());
    json.put("people", fit.people().stream().map(GroupText::json).toList());
    return json;
  }

  private static Map<String, Object> json(PersonFit person) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("user_id", person.userId());
    json.put("is_member", person.member());
    json.put("rank", person.member() ? null : person.rank());
    json.put("compatibility_score", person.fit() / 100.0);
    json.put("personality_match", person.personality() / 100.0);
    json.put("interest_match", person.interest() / 100.0);
    json.put("style_match", person.preference() / 100.0);
    json.put("least_match", person.least() / 100.0);
    json.put("completeness", person.completeness() / 100.0);
    return json;
  }

  private static String points(int hundredths) {
    return "%d.%02d".formatted(hundredths / 100, hundredths % 100);
  }
}
