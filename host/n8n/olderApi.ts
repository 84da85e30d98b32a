import { N8nApi } from './api';
import type { WorkflowJson } from './workflowJson';

/**
 * The REST API of n8n 1.x. There a workflow is switched on; later n8n publishes a version of it.
 */
export class OlderN8nApi extends N8nApi {
  protected override readonly newWorkflow = { active: false };

  protected override async start(id: string, versionId: string): Promise<void> {
    await this.call('PATCH', `/rest/workflows/${id}`, { active: true, versionId });
  }

  override async run(id: string, triggerName: string): Promise<string> {
    const workflowData = await this.call<WorkflowJson>('GET', `/rest/workflows/${id}`);
    return await this.startRun(id, triggerName, { workflowData });
  }
}
