import type { Rejection } from './rejection.js';

/** Why the device does not take the replica, in words that can follow a colon; devices are named as their runner does. */
export function rejectionSentence(rejection: Rejection): string {
  const device = `device ${rejection.deviceKey}`;
  switch (rejection.reason) {
    case 'footprint_failed':
      return rejection.failure;
    case 'quarantined':
    case 'retry_in_progress':
      return rejection.message;
    case 'awaiting_footprint':
      return 'its footprint is being estimated';
    case 'runner_has_replica':
      return `the runner of ${device} has its replica already`;
    case 'engine_missing':
      return `${device} has no engine ${rejection.engine}; it offers ${rejection.offered.join(', ') || 'none'}`;
    case 'device_has_replica':
      return `${device} has its replica already`;
    case 'label_missing':
      return `the runner of ${device} lacks the label ${rejection.label}=${rejection.value}`;
    case 'other_device_type':
      return `${device} is of type ${rejection.offered}, and it needs ${rejection.deviceType}`;
    case 'other_runner':
      return `it is bound to the runner ${rejection.runner}, which does not have ${device}`;
    case 'too_few_devices':
      return `it needs ${rejection.deviceCount} devices with room on one runner, and ${rejection.offered} are there with ${device}`;
    case 'memory_coming_free':
      return `it waits for ${gigabytes(rejection.comingBytes)} that come free on ${device}`;
    case 'swap_not_worth':
      return `room on ${device} would cost others ${seconds(rejection.costSeconds)}, and its jobs have waited ${seconds(rejection.waitingSeconds)}`;
    case 'device_too_small':
      return `it needs ${gigabytes(rejection.needBytes)}, and ${device} has ${gigabytes(rejection.capacityBytes)} in all`;
    case 'not_enough_free':
      return `it needs ${gigabytes(rejection.needBytes)}, and ${device} has ${gigabytes(rejection.freeBytes)} free`;
    case 'runner_suspect':
    case 'runner_lost':
    case 'runner_cordoned':
    case 'runner_draining':
    case 'runner_maintenance':
      return `the runner of ${device} is ${rejection.reason.slice('runner_'.length)}`;
  }
}

function seconds(count: number): string {
  return `${count.toFixed(1)} s`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(2)} GB`;
}
