import type { Schemas } from '../shared/management/api';

/** The groups of entries that the audit log can be asked for, and their names in the form. */
export const EVENT_GROUPS: Record<Schemas['AuditLogEventTypeGroupV1'], string> = {
  ACTIVATED_DEACTIVATED: 'Activated or Deactivated',
  API_KEYS: 'API Keys',
  AUTOSCALING_SETTINGS: 'Autoscaling Settings',
  DELETED: 'Deleted',
  DEPLOYED: 'Deployed',
  DIRECTORY_GROUP_MANAGEMENT: 'Directory Groups',
  ENVIRONMENT_SETTINGS: 'Environment Settings',
  GATEWAY: 'Gateway',
  INSTANCE_TYPE_CHANGED: 'Instance Type Changed',
  PROMOTED: 'Promoted',
  REPLICA_TERMINATED: 'Replica Terminated',
  REQUEST_BACKPRESSURE_SETTINGS: 'Request Backpressure Settings',
  SECRETS: 'Secrets',
  SSH: 'SSH',
  USER_MANAGEMENT: 'Users',
  WEBHOOK_SIGNING_SECRETS: 'Webhook Signing Secrets',
};
