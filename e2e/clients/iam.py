"""IAM through boto3: everything that is made, read, changed and deleted, page after page, and refusals."""
import json

from support import TARGET, WORKLOAD, Suite, allow, assume, client, main, policy, role, root, trust, user

ECS = {'Service': 'ecs-tasks.amazonaws.com'}


class Roles(Suite):
    def test_life_of_a_role(self):
        iam = client('iam')
        made = iam.create_role(
            RoleName='life', Path='/team/', AssumeRolePolicyDocument=trust(ECS), Description='first',
            MaxSessionDuration=7200, Tags=[{'Key': 'team', 'Value': 'blue'}])['Role']
        self.assertEqual(made['Arn'], f'arn:aws:iam::{WORKLOAD}:role/team/life')
        self.assertRegex(made['RoleId'], '^AROA[A-Z0-9]{17}$')
        iam.get_waiter('role_exists').wait(RoleName='life')

        iam.update_role(RoleName='life', Description='second', MaxSessionDuration=3600)
        iam.tag_role(RoleName='life', Tags=[{'Key': 'stage', 'Value': 'test'}])
        iam.untag_role(RoleName='life', TagKeys=['team'])
        iam.update_assume_role_policy(RoleName='life', PolicyDocument=trust({'AWS': f'arn:aws:iam::{TARGET}:root'}))
        role = iam.get_role(RoleName='life')['Role']
        self.assertEqual((role['Description'], role['MaxSessionDuration']), ('second', 3600))
        self.assertEqual(role['Tags'], [{'Key': 'stage', 'Value': 'test'}])
        self.assertEqual(
            role['AssumeRolePolicyDocument']['Statement'][0]['Principal'], {'AWS': f'arn:aws:iam::{TARGET}:root'})

        own = policy(allow('sts:AssumeRole', '*'))
        iam.put_role_policy(RoleName='life', PolicyName='own', PolicyDocument=own)
        self.assertEqual(iam.get_role_policy(RoleName='life', PolicyName='own')['PolicyDocument'], json.loads(own))
        with self.refused('DeleteConflict', 'must delete policies first', status=409):
            iam.delete_role(RoleName='life')
        iam.delete_role_policy(RoleName='life', PolicyName='own')
        iam.delete_role(RoleName='life')
        with self.refused('NoSuchEntity', 'The role with name life cannot be found', status=404):
            iam.get_role(RoleName='life')

    def test_pages(self):
        iam = root('iam', '333333333333')
        for number in range(7):
            iam.create_role(RoleName=f'page-{number}', Path='/pages/', AssumeRolePolicyDocument=trust(ECS))
        pages = iam.get_paginator('list_roles').paginate(PathPrefix='/pages/', PaginationConfig={'PageSize': 3})
        pages = [[role['RoleName'][-1] for role in page['Roles']] for page in pages]
        self.assertEqual(pages, [['0', '1', '2'], ['3', '4', '5'], ['6']])

    def test_what_aws_does_not_take(self):
        iam = client('iam', unchecked=True)
        create = {'RoleName': 'bad', 'AssumeRolePolicyDocument': trust(ECS)}
        nobody = trust({'AWS': f'arn:aws:iam::{WORKLOAD}:role/not-there'})
        for change, code, words in [
                ({'AssumeRolePolicyDocument': nobody}, 'MalformedPolicyDocument', 'Invalid principal in policy'),
                ({'AssumeRolePolicyDocument': '{'}, 'MalformedPolicyDocument', ''),
                ({'AssumeRolePolicyDocument': policy(allow('sts:AssumeRole', '*'))}, 'MalformedPolicyDocument', ''),
                ({'RoleName': 'with space'}, 'ValidationError', 'rolename'),
                ({'RoleName': 'x' * 65}, 'ValidationError', ''),
                ({'Path': 'no-slash'}, 'ValidationError', ''),
                ({'MaxSessionDuration': 60}, 'ValidationError', '')]:
            with self.subTest(**change), self.refused(code, words.replace('rolename', 'roleName'), status=400):
                iam.create_role(**{**create, **change})
        iam.create_role(**create)
        with self.refused('EntityAlreadyExists', 'Role with name bad already exists.', status=409):
            iam.create_role(**create)
        with self.refused('InvalidAction', status=400):
            iam.list_saml_providers()


class Policies(Suite):
    def test_versions(self):
        iam = client('iam')
        arn = iam.create_policy(PolicyName='versions', PolicyDocument=policy(allow('s3:*', '*')))['Policy']['Arn']
        for number in range(2, 6):
            document = policy(allow('s3:Get*', f'arn:aws:s3:::bucket-{number}/*'))
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        with self.refused('LimitExceeded', status=409):
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(allow('s3:*', '*')))
        with self.refused('DeleteConflict'):
            iam.delete_policy_version(PolicyArn=arn, VersionId='v5')
        iam.delete_policy_version(PolicyArn=arn, VersionId='v1')
        versions = iam.list_policy_versions(PolicyArn=arn)['Versions']
        self.assertEqual(sorted(v['VersionId'] for v in versions), ['v2', 'v3', 'v4', 'v5'])
        default = iam.get_policy(PolicyArn=arn)['Policy']['DefaultVersionId']
        document = iam.get_policy_version(PolicyArn=arn, VersionId=default)['PolicyVersion']['Document']
        self.assertEqual(document['Statement'][0]['Resource'], 'arn:aws:s3:::bucket-5/*')

    def test_attachments(self):
        iam = client('iam')
        arn = iam.create_policy(PolicyName='attached', PolicyDocument=policy(allow('s3:*', '*')))['Policy']['Arn']
        role(WORKLOAD, 'attached-to', ECS)
        iam.attach_role_policy(RoleName='attached-to', PolicyArn=arn)
        iam.attach_role_policy(RoleName='attached-to', PolicyArn=arn)
        self.assertEqual(iam.get_policy(PolicyArn=arn)['Policy']['AttachmentCount'], 1)
        entities = iam.list_entities_for_policy(PolicyArn=arn)
        self.assertEqual([at['RoleName'] for at in entities['PolicyRoles']], ['attached-to'])
        with self.refused('DeleteConflict', status=409):
            iam.delete_policy(PolicyArn=arn)
        iam.detach_role_policy(RoleName='attached-to', PolicyArn=arn)
        with self.refused('NoSuchEntity', status=404):
            iam.detach_role_policy(RoleName='attached-to', PolicyArn=arn)
        iam.delete_policy(PolicyArn=arn)
        with self.refused('NoSuchEntity'):
            iam.attach_role_policy(RoleName='attached-to', PolicyArn=arn)

    def test_policies_of_aws(self):
        iam = client('iam')
        arn = 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'
        held = iam.get_policy(PolicyArn=arn)['Policy']
        version = iam.get_policy_version(PolicyArn=arn, VersionId=held['DefaultVersionId'])['PolicyVersion']
        self.assertIn('ecr:GetAuthorizationToken', version['Document']['Statement'][0]['Action'])
        names = [
            policy['PolicyName'] for page in iam.get_paginator('list_policies').paginate(Scope='AWS')
            for policy in page['Policies']]
        self.assertGreater(len(names), 1000)
        self.assertEqual(len(names), len(set(names)))
        with self.refused('InvalidInput', 'Policy is outside your own account', status=400):
            iam.delete_policy(PolicyArn=arn)

    def test_a_boundary(self):
        iam = client('iam')
        boundary = iam.create_policy(
            PolicyName='boundary', PolicyDocument=policy(allow('iam:ListRoles', '*')))['Policy']['Arn']
        arn = role(WORKLOAD, 'bounded', {'AWS': WORKLOAD}, allow('iam:*', '*'), PermissionsBoundary=boundary)
        bounded = client('iam', assume(arn))
        bounded.list_roles()
        with self.refused('AccessDenied', 'because no permissions boundary allows the iam:ListUsers action'):
            bounded.list_users()
        iam.delete_role_permissions_boundary(RoleName='bounded')
        bounded.list_users()


class Users(Suite):
    def test_life_of_a_user(self):
        iam = client('iam')
        made = iam.create_user(UserName='life', Path='/people/')['User']
        self.assertEqual(made['Arn'], f'arn:aws:iam::{WORKLOAD}:user/people/life')
        self.assertRegex(made['UserId'], '^AIDA[A-Z0-9]{17}$')
        keys = [iam.create_access_key(UserName='life')['AccessKey'] for _ in range(2)]
        self.assertRegex(keys[0]['AccessKeyId'], '^AKIA[A-Z0-9]{16}$')
        self.assertEqual(len(keys[0]['SecretAccessKey']), 40)
        with self.refused('LimitExceeded', status=409):
            iam.create_access_key(UserName='life')
        used = iam.get_access_key_last_used(AccessKeyId=keys[0]['AccessKeyId'])
        self.assertEqual(used['UserName'], 'life')

        group = iam.create_group(GroupName='life')['Group']
        self.assertRegex(group['GroupId'], '^AGPA')
        me = client('iam', keys[0])
        with self.refused('AccessDenied', f'{WORKLOAD}:user/people/life is not authorized to perform: iam:GetUser'):
            me.get_user()
        iam.put_group_policy(GroupName='life', PolicyName='own', PolicyDocument=policy(allow('iam:GetUser', '*')))
        iam.add_user_to_group(GroupName='life', UserName='life')
        self.assertEqual(me.get_user()['User']['UserName'], 'life')
        self.assertEqual([at['GroupName'] for at in iam.list_groups_for_user(UserName='life')['Groups']], ['life'])
        self.assertEqual([at['UserName'] for at in iam.get_group(GroupName='life')['Users']], ['life'])

        with self.refused('DeleteConflict', status=409):
            iam.delete_user(UserName='life')
        for key in keys:
            iam.delete_access_key(UserName='life', AccessKeyId=key['AccessKeyId'])
        iam.remove_user_from_group(GroupName='life', UserName='life')
        iam.delete_group_policy(GroupName='life', PolicyName='own')
        iam.delete_group(GroupName='life')
        iam.delete_user(UserName='life')
        with self.refused('NoSuchEntity', 'The user with name life cannot be found.', status=404):
            iam.get_user(UserName='life')

    def test_a_session_is_no_user(self):
        words = 'Must specify userName when calling with non-User credentials'
        with self.refused('ValidationError', words, status=400):
            client('iam').get_user()

    def test_a_refusal_says_why(self):
        key = user(WORKLOAD, 'mallory')
        arn = f'arn:aws:iam::{WORKLOAD}:user/mallory'
        said = f'User: {arn} is not authorized to perform: iam:CreateUser on resource: ' \
               f'arn:aws:iam::{WORKLOAD}:user/eve because no identity-based policy allows the iam:CreateUser action'
        with self.refused('AccessDenied', said, status=403):
            client('iam', key).create_user(UserName='eve')
        deny = {'Effect': 'Deny', 'Action': 'iam:CreateUser', 'Resource': '*'}
        root('iam', WORKLOAD).put_user_policy(
            UserName='mallory', PolicyName='deny', PolicyDocument=policy(allow('*', '*'), deny))
        with self.refused('AccessDenied', 'with an explicit deny in an identity-based policy'):
            client('iam', key).create_user(UserName='eve')


class InstanceProfiles(Suite):
    def test_life_of_a_profile(self):
        iam = client('iam')
        role(WORKLOAD, 'of-profile', {'Service': 'ec2.amazonaws.com'})
        made = iam.create_instance_profile(InstanceProfileName='life')['InstanceProfile']
        self.assertRegex(made['InstanceProfileId'], '^AIPA')
        iam.add_role_to_instance_profile(InstanceProfileName='life', RoleName='of-profile')
        held = iam.list_instance_profiles_for_role(RoleName='of-profile')['InstanceProfiles']
        self.assertEqual(held[0]['Roles'][0]['RoleName'], 'of-profile')
        with self.refused('DeleteConflict', status=409):
            iam.delete_role(RoleName='of-profile')
        iam.remove_role_from_instance_profile(InstanceProfileName='life', RoleName='of-profile')
        iam.delete_instance_profile(InstanceProfileName='life')
        iam.delete_role(RoleName='of-profile')


if __name__ == '__main__':
    main()
