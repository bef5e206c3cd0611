using Modular.ApiMachinery;

namespace Modular.Plugins.Controllers;

/// <summary>Tells refusals apart that no retry cures.</summary>
internal static class NamespaceTermination
{
    /// <summary>Whether an object was refused because its namespace is being deleted.</summary>
    public static bool IsCauseOf(ApiException error)
    {
        foreach (var cause in error.Status.Causes)
        {
            if (cause.Reason == "NamespaceTerminating")
            {
                return true;
            }
        }

        return false;
    }
}
