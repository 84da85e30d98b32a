// Made by `npm run types:management` from Baseten's document. Don't change it by hand.
// https://docs.baseten.co/reference/management-api/overview

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    ActivateResponseV1: {
      /** @default true */
      success: boolean;
    };
    /** @enum {string} */
    AuditLogEventTypeGroupV1:
      | 'DEPLOYED'
      | 'PROMOTED'
      | 'ACTIVATED_DEACTIVATED'
      | 'AUTOSCALING_SETTINGS'
      | 'REQUEST_BACKPRESSURE_SETTINGS'
      | 'INSTANCE_TYPE_CHANGED'
      | 'ENVIRONMENT_SETTINGS'
      | 'REPLICA_TERMINATED'
      | 'DELETED'
      | 'SECRETS'
      | 'API_KEYS'
      | 'GATEWAY'
      | 'WEBHOOK_SIGNING_SECRETS'
      | 'USER_MANAGEMENT'
      | 'DIRECTORY_GROUP_MANAGEMENT'
      | 'SSH';
    /** @enum {string} */
    AutoscalingScheduleCadenceV1: 'DAILY' | 'HOURLY';
    AutoscalingScheduleSettingsRequestV1: {
      autoscaling_window: number | null;
      concurrency_target: number | null;
      max_replica: number;
      max_scale_down_rate: number | null;
      min_replica: number;
      scale_down_delay: number | null;
      target_in_flight_tokens: number | null;
      target_utilization_percentage: number | null;
    };
    AutoscalingScheduleSettingsV1: {
      autoscaling_window: number | null;
      concurrency_target: number | null;
      max_replica: number;
      max_scale_down_rate: number | null;
      min_replica: number;
      scale_down_delay: number | null;
      target_in_flight_tokens: number | null;
      target_utilization_percentage: number | null;
    };
    AutoscalingScheduleStateV1: {
      autoscaling_settings: components['schemas']['AutoscalingSettingsV1'];
      schedule_id: string | null;
    };
    AutoscalingScheduleUpsertV1: {
      autoscaling_settings: components['schemas']['AutoscalingScheduleSettingsRequestV1'];
      cadence: components['schemas']['AutoscalingScheduleCadenceV1'];
      enabled: boolean;
      /** @default null */
      end_hour: number | null;
      end_minute: number;
      /** @default null */
      id: string | null;
      name: string;
      /** @default null */
      start_hour: number | null;
      start_minute: number;
      weekdays: components['schemas']['AutoscalingScheduleWeekdayV1'][];
    };
    AutoscalingScheduleV1: {
      autoscaling_settings: components['schemas']['AutoscalingScheduleSettingsV1'];
      cadence: components['schemas']['AutoscalingScheduleCadenceV1'];
      enabled: boolean;
      /** @default null */
      end_hour: number | null;
      end_minute: number;
      id: string;
      name: string;
      /** @default null */
      start_hour: number | null;
      start_minute: number;
      weekdays: components['schemas']['AutoscalingScheduleWeekdayV1'][];
    };
    /** @enum {string} */
    AutoscalingScheduleWeekdayV1:
      'SUNDAY' | 'MONDAY' | 'TUESDAY' | 'WEDNESDAY' | 'THURSDAY' | 'FRIDAY' | 'SATURDAY';
    AutoscalingSettingsV1: {
      autoscaling_window: number | null;
      concurrency_target: number;
      max_replica: number;
      /** @default null */
      max_scale_down_rate: number | null;
      min_replica: number;
      scale_down_delay: number | null;
      /** @default null */
      target_in_flight_tokens: number | null;
      target_utilization_percentage: number | null;
    };
    BillableResourceV1: {
      /** @default null */
      chain_metadata: components['schemas']['ChainMetadataV1'] | null;
      /** @default null */
      environment_name: string | null;
      id: string;
      /** @default null */
      instance_type: string | null;
      is_deleted: boolean;
      kind: components['schemas']['ResourceKind'];
      /** @default null */
      model_name: string | null;
      /** @default null */
      name: string | null;
      /** @default null */
      team_id: string | null;
      /** @default null */
      team_name: string | null;
    };
    /** @enum {string} */
    BucketWidth: '1m' | '1h' | '1d';
    CancelPromotionResponseV1: {
      message: string;
      status: components['schemas']['CancelPromotionStatusV1'];
    };
    /** @enum {string} */
    CancelPromotionStatusV1: 'CANCELED' | 'RAMPING_DOWN';
    ChainDeploymentsV1: {
      deployments: components['schemas']['ChainDeploymentV1'][];
    };
    ChainDeploymentV1: {
      chain_id: string;
      chainlets: components['schemas']['ChainletV1'][];
      /** Format: date-time */
      created_at: string;
      environment: string | null;
      id: string;
      status: components['schemas']['DeploymentStatusV1'];
    };
    ChainEnvironmentV1: {
      /** @default null */
      candidate_deployment: components['schemas']['ChainDeploymentV1'] | null;
      chain_id: string;
      chainlet_settings: components['schemas']['ChainletEnvironmentSettingsV1'][];
      /** Format: date-time */
      created_at: string;
      current_deployment: components['schemas']['ChainDeploymentV1'] | null;
      name: string;
      promotion_settings: components['schemas']['PromotionSettingsV1'];
    };
    ChainletEnvironmentAutoscalingSettingsUpdateV1: {
      autoscaling_settings: components['schemas']['UpdateAutoscalingSettingsV1'];
      chainlet_name: string;
    };
    ChainletEnvironmentSettingsV1: {
      autoscaling_settings: components['schemas']['AutoscalingSettingsV1'] | null;
      chainlet_name: string;
      instance_type: components['schemas']['InstanceTypeV1'];
    };
    ChainletV1: {
      active_replica_count: number;
      autoscaling_settings: components['schemas']['AutoscalingSettingsV1'] | null;
      id: string;
      instance_type_name: string;
      name: string;
      status: components['schemas']['DeploymentStatusV1'];
    };
    ChainMetadataV1: {
      chain_deployment_id: string;
      chain_id: string;
      /** @default null */
      chain_name: string | null;
    };
    ChainsV1: {
      chains: components['schemas']['ChainV1'][];
    };
    ChainV1: {
      /** Format: date-time */
      created_at: string;
      deployments_count: number;
      id: string;
      name: string;
      team_name: string;
    };
    DailyDedicatedUsageV1: {
      compute_cost: number | string;
      /** Format: date */
      date: string;
      inference_requests: number;
      minutes: number;
      subtotal: number | string;
      surcharge_cost: number | string;
    };
    DailyModelApiUsageV1: {
      cached_input_tokens: number;
      /** Format: date */
      date: string;
      input_tokens: number;
      output_tokens: number;
      subtotal: number | string;
    };
    DailyTrainingUsageV1: {
      /** Format: date */
      date: string;
      minutes: number;
      subtotal: number | string;
    };
    DeactivateResponseV1: {
      /** @default true */
      success: boolean;
    };
    DedicatedItemV1: {
      billable_resource: components['schemas']['BillableResourceV1'];
      compute_cost: number | string;
      daily?: components['schemas']['DailyDedicatedUsageV1'][];
      inference_requests: number;
      minutes: number;
      subtotal: number | string;
      surcharge_cost: number | string;
    };
    DedicatedUsageV1: {
      breakdown?: components['schemas']['DedicatedItemV1'][];
      credits_used: number | string;
      minutes: number;
      subtotal: number | string;
      total: number | string;
    };
    /** @enum {string} */
    DeploymentStatusV1:
      | 'BUILDING'
      | 'DEPLOYING'
      | 'DEPLOY_FAILED'
      | 'LOADING_MODEL'
      | 'ACTIVE'
      | 'UNHEALTHY'
      | 'BUILD_FAILED'
      | 'BUILD_STOPPED'
      | 'DEACTIVATING'
      | 'INACTIVE'
      | 'FAILED'
      | 'UPDATING'
      | 'SCALED_TO_ZERO'
      | 'WAKING_UP';
    DeploymentsV1: {
      deployments: components['schemas']['DeploymentV1'][];
    };
    DeploymentV1: {
      active_replica_count: number;
      autoscaling_settings: components['schemas']['AutoscalingSettingsV1'] | null;
      /** Format: date-time */
      created_at: string;
      environment: string | null;
      id: string;
      instance_type_name: string | null;
      is_development: boolean;
      is_production: boolean;
      /** @default null */
      labels: {
        [key: string]: unknown;
      } | null;
      model_id: string;
      name: string;
      /** @default null */
      region: components['schemas']['RegionV1'] | null;
      request_backpressure_settings: components['schemas']['RequestBackpressureSettingsV1'];
      status: components['schemas']['DeploymentStatusV1'];
    };
    EnvironmentAutoscalingSchedulesV1: {
      applied_state: components['schemas']['AutoscalingScheduleStateV1'] | null;
      schedules: (
        | components['schemas']['AutoscalingScheduleV1']
        | components['schemas']['OneTimeAutoscalingScheduleV1']
      )[];
      /** @default null */
      timezone: string | null;
    };
    EnvironmentsV1: {
      environments: components['schemas']['EnvironmentV1'][];
    };
    EnvironmentV1: {
      /** @default null */
      autoscaling_schedules: components['schemas']['EnvironmentAutoscalingSchedulesV1'] | null;
      autoscaling_settings: components['schemas']['AutoscalingSettingsV1'];
      /** @default null */
      candidate_deployment: components['schemas']['DeploymentV1'] | null;
      /** Format: date-time */
      created_at: string;
      current_deployment: components['schemas']['DeploymentV1'] | null;
      /** @default null */
      in_progress_promotion: components['schemas']['InProgressPromotionV1'] | null;
      instance_type: components['schemas']['InstanceTypeV1'];
      model_id: string;
      name: string;
      promotion_settings: components['schemas']['PromotionSettingsV1'];
      request_backpressure_settings: components['schemas']['RequestBackpressureSettingsV1'];
    };
    GetLogsResponseV1: {
      logs: components['schemas']['LogV1'][];
    };
    GetModelMetricsResponseV1: {
      end_epoch_millis: number;
      metric_descriptors: components['schemas']['ModelMetricDescriptorV1'][];
      metric_values: components['schemas']['ModelMetricValueSetV1'][];
      mode: components['schemas']['ModelMetricModeV1'];
      start_epoch_millis: number;
      step_seconds: number | null;
    };
    /** @enum {string} */
    InProgressPromotionStatusV1:
      'RELEASING' | 'RAMPING_UP' | 'RAMPING_DOWN' | 'PAUSED' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';
    InProgressPromotionV1: {
      /** @default null */
      error_message: string | null;
      percent_traffic_to_new_version: number;
      /** @default null */
      rolling_deploy: boolean | null;
      status: components['schemas']['InProgressPromotionStatusV1'];
    };
    InstanceTypeV1: {
      gpu_count: number;
      gpu_memory_limit_mib: number | null;
      gpu_type: string | null;
      id: string;
      memory_limit_mib: number;
      millicpu_limit: number;
      name: string;
    };
    /** @enum {string} */
    LimitTypeV1: 'REQUEST' | 'TOKEN';
    /** @enum {string} */
    LogLevelV1: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
    LogV1: {
      /** @default null */
      level: components['schemas']['LogLevelV1'] | null;
      message: string;
      replica: string | null;
      /** @default null */
      request_id: string | null;
      timestamp: string;
    };
    ModelApiItemV1: {
      cached_input_tokens: number;
      daily?: components['schemas']['DailyModelApiUsageV1'][];
      input_tokens: number;
      /** @default null */
      model_family: string | null;
      model_name: string;
      output_tokens: number;
      subtotal: number | string;
    };
    ModelAPIOrgDetailsV1: {
      /** Format: date-time */
      added_at: string;
      /** @default null */
      last_used_at: string | null;
    };
    ModelApisUsageBucketV1: {
      /** Format: date-time */
      end_time: string;
      results?: components['schemas']['ModelApisUsageResultV1'][];
      /** Format: date-time */
      start_time: string;
    };
    ModelApisUsageResponseV1: {
      items: components['schemas']['ModelApisUsageBucketV1'][];
      pagination: components['schemas']['PaginationResponseV1'];
    };
    ModelApisUsageResultV1: {
      /** @default null */
      api_key_prefix: string | null;
      cached_input_tokens: number;
      input_tokens: number;
      /** @default null */
      model: string | null;
      output_tokens: number;
      request_count: number;
      uncached_input_tokens: number;
    };
    ModelApisUsageV1: {
      breakdown?: components['schemas']['ModelApiItemV1'][];
      credits_used: number | string;
      subtotal: number | string;
      total: number | string;
    };
    ModelAPIV1: {
      context_length: number;
      cost_per_million_input_tokens: number | string | null;
      cost_per_million_output_tokens: number | string | null;
      description: string;
      display_name: string;
      invoke_url: string;
      /** @default null */
      model_family: string | null;
      name: string;
      /** @default null */
      org_details: components['schemas']['ModelAPIOrgDetailsV1'] | null;
      rate_limits: components['schemas']['RateLimitV1'][];
      /** Format: date */
      release_date: string;
    };
    ModelMetricDescriptorV1: {
      kind: components['schemas']['ModelMetricKindV1'];
      label_sets: {
        [key: string]: string;
      }[];
      name: string;
      unit_hint: components['schemas']['ModelMetricUnitHintV1'];
    };
    /** @enum {string} */
    ModelMetricKindV1: 'GAUGE' | 'COUNTER' | 'HISTOGRAM';
    /** @enum {string} */
    ModelMetricModeV1: 'CURRENT' | 'SUMMARY' | 'SERIES';
    /** @enum {string} */
    ModelMetricUnitHintV1: 'PER_SECOND' | 'SECONDS' | 'BYTES' | 'MEBIBYTES' | 'COUNT' | 'RATIO';
    ModelMetricValueSetV1: {
      start_epoch_millis: number;
      values: (number | null)[][];
    };
    ModelsV1: {
      models: components['schemas']['ModelV1'][];
    };
    ModelV1: {
      /** Format: date-time */
      created_at: string;
      deployments_count: number;
      development_deployment_id: string | null;
      id: string;
      instance_type_name: string;
      name: string;
      production_deployment_id: string | null;
      team_name: string;
    };
    OneTimeAutoscalingScheduleV1: {
      autoscaling_settings: components['schemas']['AutoscalingScheduleSettingsV1'];
      /** @constant */
      cadence: 'ONE_TIME';
      enabled: boolean;
      /** Format: date-time */
      end_at: string;
      id: string;
      name: string;
      /** Format: date-time */
      start_at: string;
    };
    PaginationResponseV1: {
      /** @default null */
      cursor: string | null;
      has_more: boolean;
    };
    PromoteToChainEnvironmentRequestV1: {
      deployment_id: string;
      /** @default true */
      scale_down_previous_deployment: boolean;
    };
    PromoteToEnvironmentRequestV1: {
      deployment_id: string;
      /** @default true */
      preserve_env_instance_type: boolean;
      /** @default true */
      scale_down_previous_deployment: boolean;
    };
    /** @enum {string} */
    PromotionCleanupStrategyV1: 'KEEP' | 'SCALE_TO_ZERO' | 'DEACTIVATE';
    PromotionSettingsV1: {
      /** @default SCALE_TO_ZERO */
      promotion_cleanup_strategy: components['schemas']['PromotionCleanupStrategyV1'] | null;
      /** @default 600 */
      ramp_up_duration_seconds: number | null;
      /** @default false */
      ramp_up_while_promoting: boolean | null;
      /** @default false */
      redeploy_on_promotion: boolean | null;
      /** @default false */
      rolling_deploy: boolean | null;
      /** @default null */
      rolling_deploy_config: components['schemas']['RollingDeployConfigV1'] | null;
    };
    /** @enum {string} */
    RateLimitUnitV1: 'SECOND' | 'MINUTE';
    RateLimitV1: {
      threshold: number;
      type: components['schemas']['LimitTypeV1'];
      unit: components['schemas']['RateLimitUnitV1'];
    };
    RegionV1: {
      display_name: string;
      slug: string;
    };
    /** @enum {string} */
    RequestBackpressurePolicyV1: 'QUEUE_ON_FULL' | 'REJECT_ON_FULL';
    RequestBackpressureSettingsV1: {
      /** @default null */
      policy: components['schemas']['RequestBackpressurePolicyV1'] | null;
    };
    /** @enum {string} */
    ResourceKind: 'MODEL_DEPLOYMENT' | 'TRAINING_JOB' | 'CHAINLET';
    RetryDeploymentResponseV1: {
      deployment: components['schemas']['DeploymentV1'];
      /** @default null */
      reason: string | null;
      retried: boolean;
    };
    RollingDeployConfigV1: {
      /** @default 25 */
      max_surge_percent: number;
      /** @default 0 */
      max_unavailable_percent: number;
      /** @default 0 */
      replica_overhead_percent: number;
      /** @default REPLICA */
      rolling_deploy_strategy: components['schemas']['RollingDeployStrategyV1'];
      /** @default 0 */
      stabilization_time_seconds: number;
    };
    /** @enum {string} */
    RollingDeployStrategyV1: 'REPLICA';
    SignalPromotionResponseV1: {
      success: boolean;
    };
    TrainingItemV1: {
      billable_resource: components['schemas']['BillableResourceV1'];
      daily?: components['schemas']['DailyTrainingUsageV1'][];
      minutes: number;
      subtotal: number | string;
    };
    TrainingUsageV1: {
      breakdown?: components['schemas']['TrainingItemV1'][];
      credits_used: number | string;
      minutes: number;
      subtotal: number | string;
      total: number | string;
    };
    UpdateAutoscalingScheduleSettingsV1: {
      delete_schedules?: string[];
      schedules?: components['schemas']['AutoscalingScheduleUpsertV1'][];
      /** @default null */
      timezone: string | null;
    };
    UpdateAutoscalingSettingsResponseV1: {
      message: string;
      status: components['schemas']['UpdateAutoscalingSettingsStatusV1'];
    };
    /** @enum {string} */
    UpdateAutoscalingSettingsStatusV1: 'ACCEPTED' | 'QUEUED' | 'UNCHANGED';
    UpdateAutoscalingSettingsV1: {
      /** @default null */
      autoscaling_window: number | null;
      /** @default null */
      concurrency_target: number | null;
      /** @default null */
      max_replica: number | null;
      /** @default null */
      max_scale_down_rate: number | null;
      /** @default null */
      min_replica: number | null;
      /** @default null */
      scale_down_delay: number | null;
      /** @default null */
      target_in_flight_tokens: number | null;
      /** @default null */
      target_utilization_percentage: number | null;
    };
    UpdateChainletEnvironmentAutoscalingSettingsRequestV1: {
      updates: components['schemas']['ChainletEnvironmentAutoscalingSettingsUpdateV1'][];
    };
    UpdateEnvironmentRequestV1: {
      /** @default null */
      autoscaling_schedule_settings:
        components['schemas']['UpdateAutoscalingScheduleSettingsV1'] | null;
      /** @default null */
      autoscaling_settings: components['schemas']['UpdateAutoscalingSettingsV1'] | null;
      /** @default null */
      promotion_settings: components['schemas']['UpdatePromotionSettingsV1'] | null;
      /** @default null */
      request_backpressure_settings:
        components['schemas']['UpdateRequestBackpressureSettingsV1'] | null;
    };
    UpdateEnvironmentResponseV1: {
      environment: components['schemas']['EnvironmentV1'];
      /** @deprecated */
      message: string;
      /** @deprecated */
      status: components['schemas']['UpdateAutoscalingSettingsStatusV1'];
    };
    UpdatePromotionSettingsV1: {
      /** @default null */
      promotion_cleanup_strategy: components['schemas']['PromotionCleanupStrategyV1'] | null;
      /** @default null */
      ramp_up_duration_seconds: number | null;
      /** @default null */
      ramp_up_while_promoting: boolean | null;
      /** @default null */
      redeploy_on_promotion: boolean | null;
      /** @default null */
      rolling_deploy: boolean | null;
      /** @default null */
      rolling_deploy_config: components['schemas']['UpdateRollingDeployConfigV1'] | null;
    };
    UpdateRequestBackpressureSettingsV1: {
      /** @default null */
      policy: components['schemas']['RequestBackpressurePolicyV1'] | null;
    };
    UpdateRollingDeployConfigV1: {
      /** @default null */
      max_surge_percent: number | null;
      /** @default null */
      max_unavailable_percent: number | null;
      /** @default null */
      replica_overhead_percent: number | null;
      /** @default null */
      rolling_deploy_strategy: components['schemas']['RollingDeployStrategyV1'] | null;
      /** @default null */
      stabilization_time_seconds: number | null;
    };
    /** @enum {string} */
    UsageDimensionV1: 'api_key' | 'model';
    UsageSummaryV1: {
      /** @default null */
      dedicated_usage: components['schemas']['DedicatedUsageV1'] | null;
      /** @default null */
      model_apis_usage: components['schemas']['ModelApisUsageV1'] | null;
      /** @default null */
      training_usage: components['schemas']['TrainingUsageV1'] | null;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
