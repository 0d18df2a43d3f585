-- Requests about an order begin with its id: staff ask for what it caused.
CREATE INDEX messages_about ON messages (request_id COLLATE "C");
