namespace Mandos.Core.Discovery.Multicast;

/// <summary>Takes packets that arrived; called for one packet at a time per transport socket.</summary>
internal interface IMulticastReceiver
{
    void Receive(in MulticastPacket packet);
}
