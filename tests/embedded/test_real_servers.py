"""The servers that the other tests stand on are real and do what the product needs of them."""

from uuid import uuid4

import psycopg
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.consumer import KafkaConsumer


def test_a_record_comes_back_from_the_real_kafka(kafka_server):
    topic = f"test-{uuid4().hex}"
    admin = KafkaAdminClient(bootstrap_servers=kafka_server)
    admin.create_topics([NewTopic(topic, 1, 1)])
    producer = KafkaProducer(bootstrap_servers=kafka_server, acks="all", compression_type="lz4")
    producer.send(topic, b"one charge", key=b"stream", partition=0).get(10)
    consumer = KafkaConsumer(bootstrap_servers=kafka_server, auto_offset_reset="earliest", enable_auto_commit=False)
    consumer.assign([TopicPartition(topic, 0)])
    records = consumer.poll(timeout_ms=10_000)
    assert [record.value for record in records[TopicPartition(topic, 0)]] == [b"one charge"]
    for client in (consumer, producer, admin):
        client.close()


def test_each_test_gets_an_empty_database(database):
    with psycopg.connect(database) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert tables == (0,)


def test_postgres_listens_on_no_network(postgres_server):
    with psycopg.connect(postgres_server) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_postgres_trusts_nobody(postgres_server):
    with psycopg.connect(postgres_server) as connection:
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        assert methods == [("peer",)]
