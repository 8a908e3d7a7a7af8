-- 後日交付一覧: requests that were taken and wait, those of a stop among them.
CREATE INDEX cert_request_open ON cert_request (made_ms) WHERE state = 'open';
