package social.trvl.compat.db;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * A transaction in the shape of a data source: whoever asks for a connection gets the same one, and
 * commits and closes it in vain, until {@link #commit}. So a sequence of steps that each would end
 * a transaction of its own becomes all or nothing, or can be tried and taken back.
 *
 * <p>A roll-back is none in vain: a step that fails takes the ones before with it.
 */
final class OneTransaction extends AbstractDataSource implements AutoCloseable {

  private final Connection connection;
  private final Connection shared;

  private OneTransaction(Connection connection) {
    this.connection = connection;
    this.shared =
        (Connection)
            Proxy.newProxyInstance(
                OneTransaction.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                  switch (method.getName()) {
                    case "commit", "close", "setAutoCommit" -> {
                      return null;
                    }
                    case "getAutoCommit" -> {
                      return false;
                    }
                    default -> {
                      try {
                        return method.invoke(connection, arguments);
                      } catch (InvocationTargetException e) {
                        throw e.getCause();
                      }
                    }
                  }
                });
  }

  /** Begins; what is not committed is rolled back when this is closed. */
  static OneTransaction begin(DataSource source) throws SQLException {
    Connection connection = source.getConnection();
    try {
      connection.setAutoCommit(false);
      return new OneTransaction(connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public Connection getConnection() {
    return shared;
  }

  @Override
  public Connection getConnection(String user, String password) {
    throw new UnsupportedOperationException("the transaction has its user already");
  }

  void commit() throws SQLException {
    connection.commit();
  }

  @Override
  public void close() throws SQLException {
    try {
      connection.rollback();
    } finally {
      connection.close();
    }
  }
}
