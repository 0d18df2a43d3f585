import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;

/**
 * A server that speaks MongoDB's protocol and keeps its documents in one H2 file.
 *
 * <p>{@code java MongoStandIn.java FILE PORT}. It says that it is MongoDB 5.0: the server's own
 * default is an older wire version, which today's drivers refuse.
 */
public class MongoStandIn {
  private static final int WIRE_VERSION_OF_MONGODB_5_0 = 13;

  public static void main(String[] arguments) throws Exception {
    H2Backend backend = new H2Backend(arguments[0]);
    backend.version(
        new MongoVersion() {
          public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
          }

          public int getWireVersion() {
            return WIRE_VERSION_OF_MONGODB_5_0;
          }
        });
    MongoServer server = new MongoServer(backend);
    server.bind("127.0.0.1", Integer.parseInt(arguments[1]));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    Thread.currentThread().join();
  }
}
