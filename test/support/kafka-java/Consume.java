import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** BOOTSTRAP TOPIC COUNT: prints the first COUNT values of partition 0, a line each, as Kafka's own client reads them. */
public class Consume {
    public static void main(String[] args) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("auto.offset.reset", "earliest");
        StringDeserializer text = new StringDeserializer();
        PrintStream output = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, text, text)) {
            consumer.assign(List.of(new TopicPartition(args[1], 0)));
            for (int left = Integer.parseInt(args[2]); left > 0; ) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    output.println(record.value());
                    left -= 1;
                }
            }
        }
    }
}
