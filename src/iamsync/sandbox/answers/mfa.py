"""MFA devices. moto lacks GetMFADevice, and tells of a device's user what was true when it was enabled."""

from moto.iam.models import VirtualMfaDevice

from iamsync.sandbox.answers.shapes import Shape, listed_user
from iamsync.sandbox.request import Request, answer
from iamsync.sandbox.wire import Refused


@answer("GetMFADevice")
def get_mfa_device(request: Request) -> Shape:
    """One enabled device, of whoever has it or of the user named."""
    serial, name = request.text("SerialNumber"), request.optional("UserName")
    users = [request.user] if name else request.account.backend.users.values()
    for user in users:
        if device := user.mfa_devices.get(serial):
            return {"UserName": user.name, "SerialNumber": serial, "EnableDate": device.enable_date}
    raise Refused("NoSuchEntity", f"MFA Device with serial number {serial} cannot be found.")


@answer("ListMFADevices")
def list_mfa_devices(request: Request) -> Shape:
    """Of the caller, where no user is named."""
    user = request.user
    return request.page(
        "MFADevices",
        list(user.mfa_devices.values()),
        lambda device: {
            "UserName": user.name,
            "SerialNumber": device.serial_number,
            "EnableDate": device.enable_date,
        },
    )


@answer("ListVirtualMFADevices")
def list_virtual_mfa_devices(request: Request) -> Shape:
    """Those of all users, and those of nobody."""
    status = request.optional("AssignmentStatus") or "Any"
    devices = request.account.backend.virtual_mfa_devices.values()
    wanted = [device for device in devices if status in {"Any", "Assigned" if device.user else "Unassigned"}]
    return request.page("VirtualMFADevices", wanted, _virtual)


def _virtual(device: VirtualMfaDevice) -> Shape:
    return {
        "SerialNumber": device.serial_number,
        "User": listed_user(device.user) if device.user else None,
        "EnableDate": device.enable_date,
    }
