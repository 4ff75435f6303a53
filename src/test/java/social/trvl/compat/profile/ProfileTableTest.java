package social.trvl.compat.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProfileTableTest {

  private static final int LARGEST_BYTES_PER_PERSON = 200;

  @Test
  void columns_ofFullProfiles_takeLessThan200BytesAPerson() {
    int people = 5000;
    Random random = new Random(41);
    ProfileTableBuilder builder = new ProfileTableBuilder(2);
    for (int i = 0; i < people; i++) {
      builder.person(new UUID(i, random.nextLong()), 1, 2, 3, 4, 5).age(30).experience(3);
      builder.budget(90, 100).region("region " + i).home(1, 2).companionAges(20, 30);
      for (int k = 0; k < 5; k++) {
        builder.interest(random.nextInt(128));
        builder.destination("destination " + random.nextInt(300));
      }
      builder.freeDays(100, 110).freeDays(200, 210).freeDays(300, 310);
    }
    long bytes = ProfileWeight.bytes(builder.build());
    assertThat(bytes / people).isBetween(60L, (long) LARGEST_BYTES_PER_PERSON - 1);
  }

  @Test
  void people_outOfOrder_areRefused() {
    ProfileTableBuilder builder = new ProfileTableBuilder(1);
    builder.person(new UUID(Long.MIN_VALUE, 0), 1, 2, 3, 4, 5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.person(new UUID(Long.MAX_VALUE, 0), 1, 2, 3, 4, 5))
        .withMessageContaining("is not above the one before");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.person(new UUID(Long.MIN_VALUE, 0), 1, 2, 3, 4, 5));
  }

  @Test
  void traits_outOfRange_areRefusedByName() {
    ProfileTableBuilder builder = new ProfileTableBuilder(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.person(new UUID(0, 0), 1, 2, 101, 4, 5))
        .withMessageContaining("extraversion (101)");
  }

  @Test
  void rows_beyondTheFirstCapacity_keepTheirValues() {
    ProfileTableBuilder builder = new ProfileTableBuilder(3);
    for (int i = 0; i < 3000; i++) {
      builder.person(new UUID(0, i), i % 101, 0, 0, 0, 0).age(i % 90).interest(i % 192);
      builder.region("r" + i % 7).destination("d" + i % 130).freeDays(i, i + 1);
    }
    ProfileTable people = builder.build();
    assertThat(people.destinationCount()).isEqualTo(130);
    for (int i = 0; i < 3000; i++) {
      assertThat(people.trait(0, i)).isEqualTo(i % 101);
      assertThat(people.age(i)).isEqualTo(i % 90);
      assertThat(people.interests(i, i % 192 / 64)).isEqualTo(1L << i % 192 % 64);
      assertThat(people.region(i)).isEqualTo(i % 7 + 1);
      assertThat(people.destination(i, 0)).isEqualTo(i % 130);
      assertThat(people.shareFreeDay(i, i)).isTrue();
      assertThat(people.shareFreeDay(i, (i + 1) % 3000)).isFalse();
    }
  }
}
