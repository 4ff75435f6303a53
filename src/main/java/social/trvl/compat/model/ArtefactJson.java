package social.trvl.compat.model;

import com.google.errorprone.annotations.FormatMethod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Takes fields out of an artefact's JSON; whatever is not as expected is an {@link
 * IllegalArgumentException} that says what, the value, and what is allowed.
 */
final class ArtefactJson {

  private ArtefactJson() {}

  static Map<String, String> textMap(JsonNode node, String field) {
    Map<String, String> result = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : object(node, field).properties()) {
      require(entry.getValue().isString(), "%s of %s is no text", entry.getKey(), field);
      result.put(entry.getKey(), entry.getValue().stringValue());
    }
    return result;
  }

  static List<String> texts(JsonNode node, String field, int most) {
    JsonNode list = array(node, field);
    require(
        list.size() >= 1 && list.size() <= most,
        "%s has %d entries, 1 to %d are allowed",
        field,
        list.size(),
        most);
    Set<String> distinct = new TreeSet<>();
    List<String> result = new ArrayList<>();
    for (JsonNode entry : list) {
      require(
          entry.isString() && distinct.add(entry.stringValue()),
          "%s has an entry that is no text or stands twice",
          field);
      result.add(entry.stringValue());
    }
    return result;
  }

  static JsonNode object(JsonNode node, String field) {
    JsonNode value = node.get(field);
    require(value != null && value.isObject(), "%s is missing or no object", field);
    return value;
  }

  static JsonNode array(JsonNode node, String field) {
    JsonNode value = node.get(field);
    require(value != null && value.isArray(), "%s is missing or no list", field);
    return value;
  }

  /** A list of integers above the least, which has no negative. */
  static int[] integers(JsonNode node, String field) {
    JsonNode list = array(node, field);
    int[] result = new int[list.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = bounded(list.get(i), field, Integer.MIN_VALUE + 1, Integer.MAX_VALUE);
    }
    return result;
  }

  static String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    require(value != null && value.isString(), "%s is missing or no text", field);
    return value.stringValue();
  }

  static boolean bool(JsonNode node, String field) {
    JsonNode value = node.get(field);
    require(value != null && value.isBoolean(), "%s is missing or neither true nor false", field);
    return value.booleanValue();
  }

  static int weight(JsonNode node, String field) {
    return integer(node, field, Integer.MIN_VALUE + 1, Integer.MAX_VALUE);
  }

  static int integer(JsonNode node, String field, int lowest, int highest) {
    JsonNode value = node.get(field);
    require(value != null, "%s is missing", field);
    return bounded(value, field, lowest, highest);
  }

  static int bounded(JsonNode value, String what, int lowest, int highest) {
    require(
        value != null && value.isIntegralNumber() && value.canConvertToInt(),
        "%s (%s) is no integer of 32 bits",
        what,
        value);
    int number = value.intValue();
    require(
        number >= lowest && number <= highest,
        "%s (%d) is not within %d–%d",
        what,
        number,
        lowest,
        highest);
    return number;
  }

  static void fields(String what, JsonNode node, Set<String> allowed) {
    require(node.isObject(), "%s is no object", what);
    for (String name : node.propertyNames()) {
      require(
          allowed.contains(name),
          "%s has an unknown field (%s); allowed are %s",
          what,
          name,
          new TreeSet<>(allowed));
    }
    if (allowed.contains("reason")) {
      text(node, "reason");
    }
  }

  @FormatMethod
  static void require(boolean condition, String message, Object... values) {
    if (!condition) {
      throw new IllegalArgumentException(message.formatted(values));
    }
  }
}
