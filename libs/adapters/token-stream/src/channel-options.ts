/** A prompt fills the context at the most; 64 MiB holds the longest with room to spare. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Bytes on their way before the peer has to say that it read them; what a job may send is bounded by its credit. */
const WINDOW_BYTES = 1024 * 1024;

/** Finds a frozen or unplugged peer after 5 + 2 s; both sides use the same options. */
export const channelOptions = {
  'grpc.keepalive_time_ms': 5_000,
  'grpc.keepalive_timeout_ms': 2_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.http2.min_ping_interval_without_data_ms': 1_000,
  'grpc-node.flow_control_window': WINDOW_BYTES,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
} as const;

/** Each side beats this often; a peer whose beats are missed this many times in a row is gone. */
export const BEAT_INTERVAL_MS = 2_000;
export const MISSED_BEATS = 3;
