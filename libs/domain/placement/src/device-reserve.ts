const GIBIBYTE = 1024 ** 3;

/**
 * Bytes of a device that replicas never get: for the operating system on a CPU's memory,
 * for the driver and the engines' slack on a GPU.
 */
export function deviceReserveBytes(device: { deviceType: string; totalBytes: number }): number {
  const share = device.deviceType === 'cpu' ? 0.1 : 0.02;
  return Math.floor(Math.min(2 * GIBIBYTE, device.totalBytes * share));
}
