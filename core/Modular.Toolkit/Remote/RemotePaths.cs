using System.Text;
using Modular.Abstractions;
using Modular.ApiMachinery;

namespace Modular.Toolkit;

/// <summary>Where resources and objects are found in the API's URLs.</summary>
internal static class RemotePaths
{
    public static string Of(GroupVersionResource resource, string ns)
    {
        var root = resource.Group.Length == 0 ? $"/api/{resource.Version}" : $"/apis/{resource.Group}/{resource.Version}";
        return ns.Length == 0 ? $"{root}/{resource.Resource}" : $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{resource.Resource}";
    }

    public static string Of(ResourceName name, string subresource = "")
    {
        var path = $"{Of(name.Resource, name.Namespace)}/{Uri.EscapeDataString(name.Name)}";
        return subresource.Length == 0 ? path : $"{path}/{subresource}";
    }

    /// <summary>A scope's objects, with further parameters of the query, such as <c>watch=true</c>.</summary>
    public static string Of(ResourceScope scope, params ReadOnlySpan<string> parameters)
    {
        var path = new StringBuilder(Of(scope.Resource, scope.Namespace));
        var separator = '?';
        Add("labelSelector", scope.LabelSelector);
        Add("fieldSelector", scope.FieldSelector);
        foreach (var parameter in parameters)
        {
            path.Append(separator).Append(parameter);
            separator = '&';
        }

        return path.ToString();

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                path.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }
    }
}
