//! What runs as a role: tasks, functions, instances, pods.

use super::Builder;
use crate::evaluate::Resource;
use crate::place::Place;
use crate::value::Value;

/// Something that runs as a role.
#[derive(Clone, Debug)]
pub struct Workload {
    /// `ECS task definition`, `Lambda function`, …
    pub kind: &'static str,
    /// `module.a.aws_ecs_task_definition.orders`
    pub address: String,
    /// The role's ARN.
    pub role: String,
    /// Who assumes the role for it: `ecs-tasks.amazonaws.com`, …; for a pod with a web identity its subject,
    /// `system:serviceaccount:NAMESPACE:NAME`.
    pub assumer: String,
    /// Where the role is named.
    pub place: Place,
}

/// The kind, the argument that names the role, and the service that assumes it, as the service's own page on its role has
/// it.
const TABLE: [(&str, &str, &str, &str); 33] = [
    ("aws_appsync_datasource", "service_role_arn", "AppSync data source", "appsync.amazonaws.com"),
    ("aws_apprunner_service", "instance_role_arn", "App Runner service", "tasks.apprunner.amazonaws.com"),
    ("aws_backup_selection", "iam_role_arn", "Backup selection", "backup.amazonaws.com"),
    ("aws_batch_compute_environment", "service_role", "Batch compute environment", "batch.amazonaws.com"),
    ("aws_batch_job_definition", "job_role_arn", "Batch job", "ecs-tasks.amazonaws.com"),
    ("aws_bedrockagent_agent", "agent_resource_role_arn", "Bedrock agent", "bedrock.amazonaws.com"),
    ("aws_cloudformation_stack", "iam_role_arn", "CloudFormation stack", "cloudformation.amazonaws.com"),
    ("aws_cloudwatch_event_target", "role_arn", "EventBridge target", "events.amazonaws.com"),
    ("aws_codebuild_project", "service_role", "CodeBuild project", "codebuild.amazonaws.com"),
    ("aws_codedeploy_deployment_group", "service_role_arn", "CodeDeploy group", "codedeploy.amazonaws.com"),
    ("aws_codepipeline", "role_arn", "CodePipeline pipeline", "codepipeline.amazonaws.com"),
    ("aws_config_configuration_recorder", "role_arn", "Config recorder", "config.amazonaws.com"),
    ("aws_db_instance", "monitoring_role_arn", "RDS monitoring", "monitoring.rds.amazonaws.com"),
    ("aws_ecs_task_definition", "task_role_arn", "ECS task", "ecs-tasks.amazonaws.com"),
    ("aws_ecs_task_definition", "execution_role_arn", "ECS task execution", "ecs-tasks.amazonaws.com"),
    ("aws_eks_cluster", "role_arn", "EKS cluster", "eks.amazonaws.com"),
    (
        "aws_eks_fargate_profile",
        "pod_execution_role_arn",
        "EKS Fargate profile",
        "eks-fargate-pods.amazonaws.com",
    ),
    ("aws_eks_node_group", "node_role_arn", "EKS node", "ec2.amazonaws.com"),
    ("aws_eks_pod_identity_association", "role_arn", "EKS pod", "pods.eks.amazonaws.com"),
    ("aws_emr_cluster", "service_role", "EMR cluster", "elasticmapreduce.amazonaws.com"),
    ("aws_flow_log", "iam_role_arn", "VPC flow log", "vpc-flow-logs.amazonaws.com"),
    ("aws_glue_crawler", "role", "Glue crawler", "glue.amazonaws.com"),
    ("aws_glue_job", "role_arn", "Glue job", "glue.amazonaws.com"),
    ("aws_iot_role_alias", "role_arn", "IoT role alias", "credentials.iot.amazonaws.com"),
    ("aws_lambda_function", "role", "Lambda function", "lambda.amazonaws.com"),
    ("aws_pipes_pipe", "role_arn", "EventBridge pipe", "pipes.amazonaws.com"),
    ("aws_rds_cluster_instance", "monitoring_role_arn", "RDS monitoring", "monitoring.rds.amazonaws.com"),
    ("aws_sagemaker_model", "execution_role_arn", "SageMaker model", "sagemaker.amazonaws.com"),
    ("aws_sagemaker_notebook_instance", "role_arn", "SageMaker notebook", "sagemaker.amazonaws.com"),
    ("aws_sfn_state_machine", "role_arn", "Step Functions state machine", "states.amazonaws.com"),
    ("aws_synthetics_canary", "execution_role_arn", "Synthetics canary", "lambda.amazonaws.com"),
    ("aws_transfer_server", "logging_role", "Transfer server", "transfer.amazonaws.com"),
    ("aws_transfer_user", "role", "Transfer user", "transfer.amazonaws.com"),
];

impl Builder {
    /// Takes in something that runs as a role.
    pub(super) fn workload(&mut self, resource: &Resource) {
        for (kind, argument, shown, service) in TABLE {
            if resource.name.kind != kind {
                continue;
            }
            let value: Option<Value> = resource.get(argument);
            let Some(value) = value.filter(|value| !value.is_null()) else { continue };
            let Some(role) = value.to_text().map(|text| self.text(&text)) else { continue };
            let place = value.place.unwrap_or(resource.header);
            self.runs(resource, shown, role, service.to_owned(), place);
        }
        if resource.name.kind == "aws_iam_instance_profile"
            && let (Some(role), Some(account)) = (self.argument(resource, "role"), self.account(resource))
        {
            let role = self.all.estate.accounts.get(&account).and_then(|account| {
                let role = account.role(&role)?;
                Some(account.role_arn(role))
            });
            let Some(role) = role else { return };
            self.runs(resource, "EC2 instance", role, "ec2.amazonaws.com".to_owned(), resource.header);
        }
        if ["kubernetes_service_account", "kubernetes_service_account_v1"]
            .contains(&resource.name.kind.as_str())
        {
            self.service_account(resource);
        }
    }

    /// A service account of Kubernetes whose annotation names a role.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>
    fn service_account(&mut self, resource: &Resource) {
        let Some(metadata) = resource.get("metadata") else { return };
        let Some(metadata) = metadata.elements().and_then(|all| all.first()).and_then(Value::as_object)
        else {
            return;
        };
        let annotations = metadata.members.get("annotations").and_then(Value::as_object);
        let role = annotations.and_then(|all| all.members.get("eks.amazonaws.com/role-arn"));
        let Some(value) = role.filter(|value| !value.is_null()) else { return };
        let mut text = |value: Option<&Value>| value.and_then(Value::to_text).map(|text| self.text(&text));
        let (Some(role), Some(name)) = (text(Some(value)), text(metadata.members.get("name"))) else {
            return;
        };
        let namespace = text(metadata.members.get("namespace").filter(|value| !value.is_null()));
        let namespace = namespace.unwrap_or_else(|| "default".to_owned());
        let subject = format!("system:serviceaccount:{namespace}:{name}");
        let place = value.place.unwrap_or(resource.header);
        self.runs(resource, "Kubernetes service account", role, subject, place);
    }

    fn runs(&mut self, resource: &Resource, kind: &'static str, role: String, assumer: String, place: Place) {
        let address = resource.address.clone();
        self.all.workloads.push(Workload { kind, address, role, assumer, place });
    }
}
