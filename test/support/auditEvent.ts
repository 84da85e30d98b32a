import { MODEL_IDS } from '../../emulator';
import type { AuditEvent } from '../../emulator/management/auditLog';

/** What the audit log says of a change of a deployment of the echo model. */
export function auditEvent(event_type: string, deployment_id: string): AuditEvent {
  const isPromoted = event_type === 'MODEL_DEPLOYMENT_PROMOTED';
  return {
    event_type,
    model_id: MODEL_IDS.echo,
    model_name: 'Simulated echo',
    deployment_id,
    deployment_name: deployment_id,
    ...(isPromoted && { environment_name: 'staging', environment_id: null }),
  };
}
