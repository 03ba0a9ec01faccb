"""Groups: creating, joining and leaving them, giving roles, and reading them."""

from __future__ import annotations

from samverka.feed.v1 import feed_service_pb2 as pb
from samverka.feed.v1.feed_views_pb2 import REACH_LOCAL, Group
from services.chassis.auth import current_caller
from services.chassis.ids import parse
from services.feed.commands.create_group import CreateGroup, create_group
from services.feed.commands.join_group import JoinGroup, join_group
from services.feed.commands.leave_group import LeaveGroup, leave_group
from services.feed.commands.request_membership import RequestMembership, request_membership
from services.feed.commands.set_member_role import SetMemberRole, set_member_role
from services.feed.commands.update_group import UpdateGroup, update_group
from services.feed.domain.groups import (
    parse_group_about,
    parse_group_name,
    parse_reach,
    parse_role,
    parse_visibility,
    require_group,
)
from services.feed.group_views import find_group
from services.feed.queries.get_membership_state import get_membership_state
from services.feed.queries.list_group_posts import list_group_posts
from services.feed.queries.list_groups import list_groups
from services.feed.queries.list_members import list_members, list_requests
from services.feed.rpc.parts import Context, RpcPart
from services.feed.standing import reach_of


class GroupsRpc(RpcPart):
    """The commands and questions about groups."""

    async def CreateGroup(self, request: pb.CreateGroupRequest, context: Context) -> pb.CreateGroupResponse:
        intent = self._intent(request)
        command = CreateGroup(
            intent,
            intent.object_id(self._decider.ids, "group"),
            parse_group_name(request.name),
            parse_group_about(request.about),
            reach_of(parse_reach(request.reach) == REACH_LOCAL),
            parse_visibility(request.visibility),
        )
        outcome = await create_group(command, decider=self._decider)
        group = self._shown_group(command.group_id, viewer=intent.actor)
        return pb.CreateGroupResponse(group=group, position=outcome.position.message())

    async def UpdateGroup(self, request: pb.UpdateGroupRequest, context: Context) -> pb.UpdateGroupResponse:
        intent = self._intent(request)
        command = UpdateGroup(
            intent,
            parse(request.group_id, field="group_id"),
            parse_group_name(request.name) if request.HasField("name") else None,
            parse_group_about(request.about) if request.HasField("about") else None,
        )
        outcome = await update_group(command, decider=self._decider)
        group = self._shown_group(command.group_id, viewer=intent.actor)
        return pb.UpdateGroupResponse(group=group, position=outcome.position.message())

    async def JoinGroup(self, request: pb.JoinGroupRequest, context: Context) -> pb.JoinGroupResponse:
        intent = self._intent(request)
        command = JoinGroup(intent, parse(request.group_id, field="group_id"))
        outcome = await join_group(command, decider=self._decider)
        group = self._shown_group(command.group_id, viewer=intent.actor)
        return pb.JoinGroupResponse(group=group, position=outcome.position.message())

    async def LeaveGroup(self, request: pb.LeaveGroupRequest, context: Context) -> pb.LeaveGroupResponse:
        intent = self._intent(request)
        command = LeaveGroup(intent, parse(request.group_id, field="group_id"))
        outcome = await leave_group(command, decider=self._decider)
        group = self._group(command.group_id, viewer=intent.actor)
        return pb.LeaveGroupResponse(group=group, position=outcome.position.message())

    async def RequestMembership(
        self, request: pb.RequestMembershipRequest, context: Context
    ) -> pb.RequestMembershipResponse:
        intent = self._intent(request)
        command = RequestMembership(intent, parse(request.group_id, field="group_id"))
        outcome = await request_membership(command, decider=self._decider)
        state = self._runner.store.read_now(lambda db: get_membership_state(db, command.group_id, viewer=intent.actor))
        group = self._group(command.group_id, viewer=intent.actor)
        return pb.RequestMembershipResponse(state=state, group=group, position=outcome.position.message())

    async def SetMemberRole(self, request: pb.SetMemberRoleRequest, context: Context) -> pb.SetMemberRoleResponse:
        intent = self._intent(request)
        command = SetMemberRole(
            intent,
            parse(request.group_id, field="group_id"),
            parse(request.person_id, field="person_id"),
            parse_role(request.role),
        )
        outcome = await set_member_role(command, decider=self._decider)
        group = self._shown_group(command.group_id, viewer=intent.actor)
        return pb.SetMemberRoleResponse(group=group, position=outcome.position.message())

    async def GetGroup(self, request: pb.GetGroupRequest, context: Context) -> pb.GetGroupResponse:
        group_id, viewer = parse(request.group_id, field="group_id"), current_caller().person_id
        return pb.GetGroupResponse(group=require_group(self._group(group_id, viewer=viewer)))

    async def ListGroups(self, request: pb.ListGroupsRequest, context: Context) -> pb.ListGroupsResponse:
        viewer, epoch = current_caller().person_id, self._runner.position.epoch
        page = self._page(request.first, request.after)
        groups = self._runner.store.read_now(lambda db: list_groups(db, page, viewer=viewer, epoch=epoch))
        return pb.ListGroupsResponse(groups=self._begun(groups, page))

    async def ListGroupPosts(self, request: pb.ListGroupPostsRequest, context: Context) -> pb.ListGroupPostsResponse:
        group_id, viewer = parse(request.group_id, field="group_id"), current_caller().person_id
        page, epoch = self._page(request.first, request.after), self._runner.position.epoch
        posts = self._runner.store.read_now(lambda db: list_group_posts(db, group_id, page, viewer=viewer, epoch=epoch))
        return pb.ListGroupPostsResponse(posts=self._begun(require_group(posts), page))

    async def ListMembers(self, request: pb.ListMembersRequest, context: Context) -> pb.ListMembersResponse:
        group_id, viewer = parse(request.group_id, field="group_id"), current_caller().person_id
        page, epoch = self._page(request.first, request.after), self._runner.position.epoch
        members = self._runner.store.read_now(lambda db: list_members(db, group_id, page, viewer=viewer, epoch=epoch))
        return pb.ListMembersResponse(members=self._begun(members, page))

    async def ListMembershipRequests(
        self, request: pb.ListMembershipRequestsRequest, context: Context
    ) -> pb.ListMembershipRequestsResponse:
        group_id, viewer = parse(request.group_id, field="group_id"), current_caller().person_id
        page, epoch = self._page(request.first, request.after), self._runner.position.epoch
        people = self._runner.store.read_now(lambda db: list_requests(db, group_id, page, viewer=viewer, epoch=epoch))
        return pb.ListMembershipRequestsResponse(people=self._begun(people, page))

    def _group(self, group_id: str, *, viewer: str) -> Group | None:
        return self._runner.store.read_now(lambda db: find_group(db, group_id, viewer=viewer))

    def _shown_group(self, group_id: str, *, viewer: str) -> Group:
        return self._shown(lambda db: find_group(db, group_id, viewer=viewer))
