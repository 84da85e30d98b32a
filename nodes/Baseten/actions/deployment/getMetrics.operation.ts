import { managementApi } from '../../../shared/management/api';
import { readTarget } from '../../../shared/parameters/addressing';
import { optionsCollection } from '../../../shared/parameters/options';
import { METRIC_PARAMETERS, readMetricQuery, readMetrics } from '../management/metrics';
import {
  deploymentParameters,
  findDeployment,
  nameOfDeployment,
  readAnyOwner,
} from '../management/owner';
import { timeSpanOptions } from '../management/timeSpan';
import type { Operation } from '../operation';
import { pathOf } from '../../../shared/connection/endpoints';

/**
 * Reads the metrics of a deployment, an item each. Chains don't have this.
 * @see https://docs.baseten.co/observability/export-metrics/supported-metrics
 */
export const getMetrics: Operation = {
  name: 'Get Metrics',
  value: 'getMetrics',
  action: 'Get the metrics of a deployment',
  description: 'Get metrics of a deployment, such as requests and response times, an item each',
  properties: [
    ...deploymentParameters({ chains: false }),
    ...METRIC_PARAMETERS,
    optionsCollection(timeSpanOptions('an hour before the end')),
  ],
  async execute(call) {
    const { context, itemIndex, connection, send } = call;
    const query = readMetricQuery(call);
    const manage = managementApi(connection.endpoints, send);
    const owner = readAnyOwner(call, false);
    const { id } = await findDeployment(manage, owner, readTarget(context, itemIndex));
    return await readMetrics(manage, {
      query,
      path: [...pathOf(owner), 'deployments', id],
      subject: `the metrics of ${nameOfDeployment(owner, id)}`,
    });
  },
};
