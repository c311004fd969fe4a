/** The part of autocannon that the bench uses. */
declare module 'autocannon' {
  namespace autocannon {
    interface Options {
      url: string;
      method: string;
      headers: Record<string, string>;
      body: string;
      connections: number;
      /** Seconds. */
      duration: number;
      /** Seconds. */
      timeout: number;
      /** Whether the body is as it should be; the others are counted as mismatches. */
      verifyBody: (body: string) => boolean;
    }
    interface Result {
      '2xx': number;
      non2xx: number;
      mismatches: number;
      /** Connection errors and timeouts. */
      errors: number;
      timeouts: number;
      /** Seconds. */
      duration: number;
      /** Milliseconds. */
      latency: { p50: number; p99: number; max: number };
    }
  }
  function autocannon(options: autocannon.Options): Promise<autocannon.Result>;
  export default autocannon;
}
