using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Modular.Host.Cluster;
using Modular.PluginProcess;
using YamlDotNet.RepresentationModel;

namespace Modular.Host.Client;

/// <summary>Where a cluster answers and what proves who asks, as a kubeconfig file says it.</summary>
internal sealed record Kubeconfig
{
    public required Uri Server { get; init; }

    public required string CertificateAuthority { get; init; }

    public string ClientCertificate { get; init; } = "";

    public string ClientKey { get; init; } = "";

    public string Token { get; init; } = "";

    public string Namespace { get; init; } = "default";

    /// <summary>One for the holder of a certificate.</summary>
    public static Kubeconfig For(Uri server, CertificateAuthority authority, X509Certificate2 identity)
    {
        using var key = identity.GetECDsaPrivateKey()!;
        return new Kubeconfig
        {
            Server = server,
            CertificateAuthority = authority.CertificatePem,
            ClientCertificate = identity.ExportCertificatePem(),
            ClientKey = key.ExportPkcs8PrivateKeyPem(),
        };
    }

    /// <summary>Reads the current context of a kubeconfig file; certificates may be embedded or files.</summary>
    public static Kubeconfig Read(string path)
    {
        var yaml = new YamlStream();
        using (var reader = File.OpenText(path))
        {
            yaml.Load(reader);
        }

        if (yaml.Documents.Count == 0 || yaml.Documents[0].RootNode is not YamlMappingNode root)
        {
            throw new CommandException($"{path} is not a kubeconfig; remove it and run 'modular up' to have it written again");
        }

        var context = Named(root, "contexts", Text(root, "current-context"), "context", path);
        var cluster = Named(root, "clusters", Text(context, "cluster"), "cluster", path);
        var user = Named(root, "users", Text(context, "user"), "user", path);
        var ns = Text(context, "namespace");
        return new Kubeconfig
        {
            Server = new Uri(Text(cluster, "server")),
            CertificateAuthority = Pem(cluster, "certificate-authority"),
            ClientCertificate = Pem(user, "client-certificate"),
            ClientKey = Pem(user, "client-key"),
            Token = Text(user, "token"),
            Namespace = ns.Length == 0 ? "default" : ns,
        };
    }

    /// <summary>Writes a kubeconfig that only its owner can read.</summary>
    public void Write(string path)
    {
        var document = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["clusters"] = Entry("cluster", new JsonObject
            {
                ["server"] = Server.ToString().TrimEnd('/'),
                ["certificate-authority-data"] = Base64(CertificateAuthority),
            }),
            ["users"] = Entry("user", new JsonObject
            {
                ["client-certificate-data"] = Base64(ClientCertificate),
                ["client-key-data"] = Base64(ClientKey),
            }),
            ["contexts"] = Entry("context", new JsonObject { ["cluster"] = "modular", ["user"] = "modular" }),
            ["current-context"] = "modular",
        };
        PrivateFile.Write(path, Output.YamlText.Write(document));
    }

    private static JsonArray Entry(string member, JsonObject value) => new(new JsonObject { ["name"] = "modular", [member] = value });

    private static string Base64(string pem) => Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem));

    private static YamlMappingNode Named(YamlMappingNode root, string list, string name, string member, string path)
    {
        if (root.Children.TryGetValue(list, out var entries) && entries is YamlSequenceNode sequence)
        {
            foreach (var entry in sequence.OfType<YamlMappingNode>())
            {
                if (Text(entry, "name") == name && entry.Children.TryGetValue(member, out var value) && value is YamlMappingNode found)
                {
                    return found;
                }
            }
        }

        throw new CommandException($"{path}: {list} has no entry named \"{name}\"; check current-context");
    }

    private static string Text(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(name, out var value) && value is YamlScalarNode scalar ? scalar.Value ?? "" : "";

    private static string Pem(YamlMappingNode node, string name)
    {
        var data = Text(node, name + "-data");
        if (data.Length > 0)
        {
            return System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(data));
        }

        var file = Text(node, name);
        return file.Length > 0 ? File.ReadAllText(file) : "";
    }
}
