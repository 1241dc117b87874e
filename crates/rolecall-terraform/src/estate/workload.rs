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
    /// Who assumes the role for it: `ecs-tasks.amazonaws.com`, …
    pub service: &'static str,
    /// Where the role is named.
    pub place: Place,
}

/// The kind, the argument that names the role, and the service that assumes it.
const TABLE: [(&str, &str, &str, &str); 10] = [
    ("aws_ecs_task_definition", "task_role_arn", "ECS task", "ecs-tasks.amazonaws.com"),
    ("aws_ecs_task_definition", "execution_role_arn", "ECS task execution", "ecs-tasks.amazonaws.com"),
    ("aws_lambda_function", "role", "Lambda function", "lambda.amazonaws.com"),
    ("aws_eks_pod_identity_association", "role_arn", "EKS pod", "pods.eks.amazonaws.com"),
    ("aws_codebuild_project", "service_role", "CodeBuild project", "codebuild.amazonaws.com"),
    ("aws_sfn_state_machine", "role_arn", "Step Functions state machine", "states.amazonaws.com"),
    ("aws_apprunner_service", "instance_role_arn", "App Runner service", "tasks.apprunner.amazonaws.com"),
    ("aws_glue_job", "role_arn", "Glue job", "glue.amazonaws.com"),
    ("aws_batch_job_definition", "job_role_arn", "Batch job", "ecs-tasks.amazonaws.com"),
    ("aws_sagemaker_notebook_instance", "role_arn", "SageMaker notebook", "sagemaker.amazonaws.com"),
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
            let address = resource.address.clone();
            self.all.workloads.push(Workload { kind: shown, address, role, service, place });
        }
        if resource.name.kind == "aws_iam_instance_profile"
            && let (Some(role), Some(account)) = (self.argument(resource, "role"), self.account(resource))
        {
            let role = self.all.estate.accounts.get(&account).and_then(|account| {
                let role = account.role(&role)?;
                Some(account.role_arn(role))
            });
            let Some(role) = role else { return };
            let address = resource.address.clone();
            let place = resource.header;
            self.all.workloads.push(Workload {
                kind: "EC2 instance",
                address,
                role,
                service: "ec2.amazonaws.com",
                place,
            });
        }
    }
}
