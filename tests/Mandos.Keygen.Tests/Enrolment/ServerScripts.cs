using System.Text;
using Mandos.Keygen.Servers;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>The scripts for a server with files of the test, and sections for it.</summary>
internal static class ServerScripts
{
    internal static readonly string Id = new('a', 64), OtherId = new('b', 64);

    internal static FileServer Server(ScriptedServer site) => new(new SshTarget(site, "admin@server", interactive: true));

    internal static NewSection Section(string name, string secret) => new(
        name, Id, $"[{name}]\nhost = {name}\nkey_id = {Id}\nsecret = {secret}\n", Encoding.UTF8.GetBytes("SECRET"));
}
