import type { ChannelOptions } from '@grpc/grpc-js';

const MESSAGE_BYTES_MAX = 16 * 1024 ** 2;

/** Of both sides: a peer that is frozen or gone is noticed within 7 s, also while nothing is said. */
export const channelOptions: ChannelOptions = {
  'grpc.keepalive_time_ms': 5_000,
  'grpc.keepalive_timeout_ms': 2_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
};
