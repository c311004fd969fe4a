import { measurePlans } from './measure-plans.js';

describe('the measurement of plans', () => {
  it('places a whole fleet, and anew what one lost runner had', () => {
    const figures = measurePlans({ runners: 60, deployments: 20, rounds: 1 });
    expect(figures).toMatchObject({ runners: 60, devices: 480, deployments: 20, replicas: 160 });
    expect(figures.placedAnew).toBeGreaterThan(0);
    for (const milliseconds of [figures.fullMs, figures.unchangedMs, figures.incrementalMs]) {
      expect(milliseconds).toBeGreaterThan(0);
    }
  });
});
