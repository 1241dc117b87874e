//! The ways from some permissions to more: what must be allowed, on whom, and the page that says what the call does.
//!
//! Others collect them too: <https://pathfinding.cloud>, <https://github.com/DataDog/pathfinding.cloud>. What a call does
//! is on AWS's page beside each.

/// Who gains what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum On {
    /// The caller writes itself a policy: the action is asked for on the caller.
    Itself,
    /// The same on one of its groups.
    Group,
    /// The same on a policy that it has, and that the account manages itself.
    Policy,
    /// It changes a role that it can assume.
    Assumed,
    /// It changes who is let in by a role.
    Trust,
    /// It gets credentials of a user.
    User,
    /// It has a service run as a role, what it likes: the service, which the role must trust.
    Pass(&'static str),
    /// It changes what is run as a role, or comes into it: what kind of workload that is.
    Code(&'static str),
}

/// A way to more permissions.
pub(super) struct Method {
    /// The action by which it begins, in lower case.
    pub(super) action: &'static str,
    /// As AWS writes it.
    pub(super) name: &'static str,
    /// Whom it is done to.
    pub(super) on: On,
    /// What it takes beside: the action, and the resource if no policy of the caller's names another.
    pub(super) takes: &'static [(&'static str, &'static str)],
    /// AWS's page.
    pub(super) page: &'static str,
}

const fn method(
    action: &'static str,
    name: &'static str,
    on: On,
    takes: &'static [(&'static str, &'static str)],
    page: &'static str,
) -> Method {
    Method { action, name, on, takes, page }
}

const PASS: &str = "iam:passrole";

macro_rules! iam {
    ($name:literal) => {
        concat!("https://docs.aws.amazon.com/IAM/latest/APIReference/API_", $name, ".html")
    };
}

/// All of them; of two ways to the same, the shorter first.
pub(super) const METHODS: &[Method] = &[
    method("iam:putrolepolicy", "iam:PutRolePolicy", On::Itself, &[], iam!("PutRolePolicy")),
    method("iam:attachrolepolicy", "iam:AttachRolePolicy", On::Itself, &[], iam!("AttachRolePolicy")),
    method("iam:putuserpolicy", "iam:PutUserPolicy", On::Itself, &[], iam!("PutUserPolicy")),
    method("iam:attachuserpolicy", "iam:AttachUserPolicy", On::Itself, &[], iam!("AttachUserPolicy")),
    method("iam:putgrouppolicy", "iam:PutGroupPolicy", On::Group, &[], iam!("PutGroupPolicy")),
    method("iam:attachgrouppolicy", "iam:AttachGroupPolicy", On::Group, &[], iam!("AttachGroupPolicy")),
    method(
        "iam:createpolicyversion",
        "iam:CreatePolicyVersion",
        On::Policy,
        &[],
        iam!("CreatePolicyVersion"),
    ),
    method("iam:putrolepolicy", "iam:PutRolePolicy", On::Assumed, &[], iam!("PutRolePolicy")),
    method("iam:attachrolepolicy", "iam:AttachRolePolicy", On::Assumed, &[], iam!("AttachRolePolicy")),
    method(
        "iam:updateassumerolepolicy",
        "iam:UpdateAssumeRolePolicy",
        On::Trust,
        &[],
        iam!("UpdateAssumeRolePolicy"),
    ),
    method("iam:createaccesskey", "iam:CreateAccessKey", On::User, &[], iam!("CreateAccessKey")),
    method("iam:createloginprofile", "iam:CreateLoginProfile", On::User, &[], iam!("CreateLoginProfile")),
    method("iam:updateloginprofile", "iam:UpdateLoginProfile", On::User, &[], iam!("UpdateLoginProfile")),
    method(
        PASS,
        "iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction",
        On::Pass("lambda.amazonaws.com"),
        &[
            ("lambda:CreateFunction", "arn:aws:lambda:us-east-1:{account}:function:rolecall-any"),
            ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:{account}:function:rolecall-any"),
        ],
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
    ),
    method(
        PASS,
        "iam:PassRole and ec2:RunInstances",
        On::Pass("ec2.amazonaws.com"),
        &[
            ("ec2:RunInstances", "arn:aws:ec2:us-east-1:{account}:instance/rolecall-any"),
            ("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0"),
            ("ec2:RunInstances", "arn:aws:ec2:us-east-1:{account}:subnet/subnet-0123456789abcdef0"),
            ("ec2:RunInstances", "arn:aws:ec2:us-east-1:{account}:volume/rolecall-any"),
        ],
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html",
    ),
    method(
        PASS,
        "iam:PassRole, ecs:RegisterTaskDefinition and ecs:RunTask",
        On::Pass("ecs-tasks.amazonaws.com"),
        &[
            ("ecs:RegisterTaskDefinition", "*"),
            ("ecs:RunTask", "arn:aws:ecs:us-east-1:{account}:task-definition/rolecall-any:1"),
        ],
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
    ),
    method(
        PASS,
        "iam:PassRole and cloudformation:CreateStack",
        On::Pass("cloudformation.amazonaws.com"),
        &[(
            "cloudformation:CreateStack",
            "arn:aws:cloudformation:us-east-1:{account}:stack/rolecall-any/any",
        )],
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html",
    ),
    method(
        PASS,
        "iam:PassRole, codebuild:CreateProject and codebuild:StartBuild",
        On::Pass("codebuild.amazonaws.com"),
        &[
            ("codebuild:CreateProject", "arn:aws:codebuild:us-east-1:{account}:project/rolecall-any"),
            ("codebuild:StartBuild", "arn:aws:codebuild:us-east-1:{account}:project/rolecall-any"),
        ],
        "https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html",
    ),
    method(
        PASS,
        "iam:PassRole, glue:CreateJob and glue:StartJobRun",
        On::Pass("glue.amazonaws.com"),
        &[
            ("glue:CreateJob", "arn:aws:glue:us-east-1:{account}:job/rolecall-any"),
            ("glue:StartJobRun", "arn:aws:glue:us-east-1:{account}:job/rolecall-any"),
        ],
        "https://docs.aws.amazon.com/glue/latest/dg/create-an-iam-role.html",
    ),
    method(
        PASS,
        "iam:PassRole, sagemaker:CreateNotebookInstance and sagemaker:CreatePresignedNotebookInstanceUrl",
        On::Pass("sagemaker.amazonaws.com"),
        &[
            (
                "sagemaker:CreateNotebookInstance",
                "arn:aws:sagemaker:us-east-1:{account}:notebook-instance/rolecall-any",
            ),
            (
                "sagemaker:CreatePresignedNotebookInstanceUrl",
                "arn:aws:sagemaker:us-east-1:{account}:notebook-instance/rolecall-any",
            ),
        ],
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    ),
    method(
        PASS,
        "iam:PassRole, states:CreateStateMachine and states:StartExecution",
        On::Pass("states.amazonaws.com"),
        &[
            ("states:CreateStateMachine", "arn:aws:states:us-east-1:{account}:stateMachine:rolecall-any"),
            ("states:StartExecution", "arn:aws:states:us-east-1:{account}:stateMachine:rolecall-any"),
        ],
        "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html",
    ),
    method(
        PASS,
        "iam:PassRole and scheduler:CreateSchedule",
        On::Pass("scheduler.amazonaws.com"),
        &[(
            "scheduler:CreateSchedule",
            "arn:aws:scheduler:us-east-1:{account}:schedule/default/rolecall-any",
        )],
        "https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html",
    ),
    method(
        "lambda:updatefunctioncode",
        "lambda:UpdateFunctionCode",
        On::Code("Lambda function"),
        &[("lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:{account}:function:rolecall-any")],
        "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html",
    ),
    method(
        "ssm:sendcommand",
        "ssm:SendCommand",
        On::Code("EC2 instance"),
        &[
            ("ssm:SendCommand", "arn:aws:ec2:us-east-1:{account}:instance/rolecall-any"),
            ("ssm:SendCommand", "arn:aws:ssm:us-east-1::document/AWS-RunShellScript"),
        ],
        "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html",
    ),
    method(
        "codebuild:startbuild",
        "codebuild:StartBuild",
        On::Code("CodeBuild project"),
        &[("codebuild:StartBuild", "arn:aws:codebuild:us-east-1:{account}:project/rolecall-any")],
        "https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html",
    ),
];
