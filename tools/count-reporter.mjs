import { writeFileSync } from 'node:fs';

/**
 * Jest reporter: writes how many tests passed and failed to the file that TEST_COUNTS_FILE names.
 * A suite that could not be loaded is a failure too, although none of its tests ran.
 */
export default class CountReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const counts = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
    writeFileSync(process.env.TEST_COUNTS_FILE, JSON.stringify(counts));
  }
}
