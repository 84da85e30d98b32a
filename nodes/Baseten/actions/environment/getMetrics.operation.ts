import { managementApi } from '../../../shared/management/api';
import { optionsCollection } from '../../../shared/parameters/options';
import { METRIC_PARAMETERS, readMetricQuery, readMetrics } from '../management/metrics';
import {
  environmentParameter,
  nameOfEnvironment,
  ownerParameters,
  readAnyOwner,
  readEnvironment,
} from '../management/owner';
import { timeSpanOptions } from '../management/timeSpan';
import type { Operation } from '../operation';
import { pathOf } from '../../../shared/connection/endpoints';

/**
 * Reads the metrics of an environment over all its deployments, an item each. Chains don't have
 * this.
 * @see https://docs.baseten.co/observability/export-metrics/supported-metrics
 */
export const getMetrics: Operation = {
  name: 'Get Metrics',
  value: 'getMetrics',
  action: 'Get the metrics of an environment',
  description: 'Get metrics of an environment over all its deployments, an item each',
  properties: [
    ...ownerParameters({ chains: false }),
    environmentParameter('The environment whose metrics are read'),
    ...METRIC_PARAMETERS,
    optionsCollection(timeSpanOptions('an hour before the end')),
  ],
  async execute(call) {
    const owner = readAnyOwner(call, false);
    const environment = readEnvironment(call);
    return await readMetrics(managementApi(call.connection.endpoints, call.send), {
      query: readMetricQuery(call),
      path: [...pathOf(owner), 'environments', environment],
      subject: `the metrics of ${nameOfEnvironment(owner, environment)}`,
    });
  },
};
