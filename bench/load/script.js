// The load of the benchmark, for k6. TARGET is the service's address, OUT the file for the result, SCALE stretches or shortens the stages,
// THINK is how many seconds a user waits between two requests.
import http from 'k6/http';
import exec from 'k6/execution';
import { sleep } from 'k6';

const scale = Number(__ENV.SCALE);
const last = (seconds) => `${Math.max(1, Math.round(seconds * scale * 1000))}ms`;
const stages = ['up', 'hold', 'down', 'spike'];
const thresholds = {};
for (const stage of stages) {
  // k6 reports on a tag only where a threshold names it.
  thresholds[`http_req_duration{stage:${stage}}`] = ['max>=0'];
  thresholds[`http_reqs{stage:${stage}}`] = ['count>=0'];
  thresholds[`http_req_failed{stage:${stage}}`] = ['rate>=0'];
}

export const options = {
  discardResponseBodies: true,
  scenarios: {
    users: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [{ duration: last(15), target: 100 }, { duration: last(30), target: 100 }, { duration: last(15), target: 0 }],
    },
    spike: {
      executor: 'ramping-vus',
      startTime: last(62),
      startVUs: 0,
      stages: [{ duration: last(2), target: 1000 }, { duration: last(2), target: 0 }],
    },
  },
  summaryTrendStats: ['p(50)', 'p(95)', 'p(99)', 'max'],
  thresholds,
};

const paths = ['/hello', '/order', '/cache', '/rpc'];

export default function () {
  let stage = exec.scenario.name;
  if (stage === 'users') {
    const seconds = (Date.now() - exec.scenario.startTime) / 1000 / scale;
    stage = seconds < 15 ? 'up' : seconds < 45 ? 'hold' : 'down';
  }
  const path = paths[exec.vu.iterationInScenario % paths.length];
  http.get(`http://${__ENV.TARGET}${path}`, { tags: { stage, name: path } });
  sleep(Number(__ENV.THINK));
}

export function handleSummary(data) {
  const result = {};
  for (const stage of stages) {
    const times = data.metrics[`http_req_duration{stage:${stage}}`].values;
    result[stage] = {
      p50: times['p(50)'],
      p95: times['p(95)'],
      p99: times['p(99)'],
      max: times.max,
      requests: data.metrics[`http_reqs{stage:${stage}}`].values.count,
      failed: data.metrics[`http_req_failed{stage:${stage}}`].values.passes,
    };
  }
  return { [__ENV.OUT]: JSON.stringify(result) };
}
