import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes to partition 0 of a topic as Kafka's own client does, in as few batches as it can.
 *
 * BOOTSTRAP TOPIC COMPRESSION: each line of standard input is a value.
 * BOOTSTRAP TOPIC COMPRESSION COUNT BYTES: COUNT values of BYTES letters.
 */
public class Produce {
    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("compression.type", args[2]);
        settings.put("linger.ms", "10000");
        settings.put("batch.size", "8000000");
        settings.put("max.request.size", "200000000");
        settings.put("buffer.memory", "400000000");
        settings.put("max.in.flight.requests.per.connection", "1");
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
            values(args).forEach(value -> producer.send(new ProducerRecord<>(args[1], 0, null, value), (written, error) -> {
                if (error != null) {
                    error.printStackTrace();
                    System.exit(1);
                }
            }));
            producer.flush();
        }
    }

    private static Stream<byte[]> values(String[] args) {
        if (args.length > 3) {
            byte[] value = "a".repeat(Integer.parseInt(args[4])).getBytes(StandardCharsets.UTF_8);
            return IntStream.range(0, Integer.parseInt(args[3])).mapToObj(index -> value);
        }
        InputStreamReader input = new InputStreamReader(System.in, StandardCharsets.UTF_8);
        return new BufferedReader(input).lines().map(line -> line.getBytes(StandardCharsets.UTF_8));
    }
}
